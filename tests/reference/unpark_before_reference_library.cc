// Parks the packet: references it, and unparks it from another thread, as soon as its answer has come.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>

#include <thread>

using namespace isc::hooks;

namespace {
std::string own_name;
std::thread answer;
} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    own_name = handle.getParameter("name")->stringValue();
    return (0);
}

int packet_committed(CalloutHandle& handle) {
    ParkingLotHandlePtr lot = handle.getParkingLotHandlePtr();
    std::string packet;
    handle.getArgument("packet", packet);
    try {
        const int references = lot->reference(packet);
        note(own_name + " references the packet: " + std::to_string(references));
    } catch (const std::exception& error) {
        note(own_name + " references the packet: " + error.what());
        throw;
    }
    handle.setStatus(CalloutHandle::NEXT_STEP_PARK);
    // Nothing makes an answer wait for the other callouts of the chain; joined here, it is always the first.
    answer = std::thread([lot, packet]() {
        note(own_name + " unparks the packet");
        lot->unpark(packet);
    });
    answer.join();
    return (0);
}

}
