// What is passed; packets are shared pointers there.
#pragma once
#include <boost/shared_ptr.hpp>
#include <cstdint>

struct Packet {
    int64_t length = 0;
    int64_t id = 0;
};
typedef boost::shared_ptr<Packet> PacketPtr;
