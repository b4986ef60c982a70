// A hook library for the reference's server: callouts that do what those of the plugin `counting` do.
#include <config.h>

#include <dhcp/pkt4.h>
#include <hooks/hooks.h>

#include <boost/shared_ptr.hpp>

#include <atomic>
#include <cstdio>

namespace isc {
namespace dhcp {
// Only handed on: their headers need some that are not installed.
class Lease4;
class Subnet4;
}
}

using namespace isc::dhcp;
using namespace isc::hooks;

static std::atomic<unsigned long> received, octets, selected, sent;

static void add(std::atomic<unsigned long>& counter, unsigned long number) {
    counter.fetch_add(number, std::memory_order_relaxed);
}

extern "C" {
int version() { return (KEA_HOOKS_VERSION); }
int multi_threading_compatible() { return (1); }
int load(LibraryHandle&) { return (0); }

int unload() {
    std::fprintf(stderr, "counted received=%lu octets=%lu selected=%lu sent=%lu\n", received.load(), octets.load(),
                 selected.load(), sent.load());
    return (0);
}

int pkt4_receive(CalloutHandle& handle) {
    Pkt4Ptr query;
    handle.getArgument("query4", query);
    add(received, 1);
    add(octets, query->data_.size());
    return (0);
}

int lease4_select(CalloutHandle& handle) {
    Pkt4Ptr query;
    boost::shared_ptr<Subnet4> subnet;
    boost::shared_ptr<Lease4> lease;
    handle.getArgument("query4", query);
    handle.getArgument("subnet4", subnet);
    handle.getArgument("lease4", lease);
    if (query && subnet && lease) {
        add(selected, 1);
    }
    return (0);
}

int pkt4_send(CalloutHandle& handle) {
    Pkt4Ptr query, response;
    handle.getArgument("query4", query);
    handle.getArgument("response4", response);
    if (query->getTransid() == response->getTransid()) {
        add(sent, 1);
    }
    return (0);
}
}
