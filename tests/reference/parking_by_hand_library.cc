// Parks the packet, after what its parameter `does` says.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>

using namespace isc::hooks;

namespace {
std::string own_name;
std::string does;
ParkingLotHandlePtr kept;
} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    own_name = handle.getParameter("name")->stringValue();
    does = handle.getParameter("does")->stringValue();
    return (0);
}

int packet_committed(CalloutHandle& handle) {
    kept = handle.getParkingLotHandlePtr();
    const std::string packet = "packet";
    if (does == "references") {
        note(own_name + " references: count " + std::to_string(kept->reference(packet)));
    } else if (does == "dereferences") {
        note(own_name + " dereferences: count " + std::to_string(kept->dereference(packet)));
    }
    handle.setStatus(CalloutHandle::NEXT_STEP_PARK);
    return (0);
}

// What the library does when the answer that it waits for comes, long after the call. The program calls it.
void answer() {
    note(own_name + " unparks");
    if (!kept->unpark(std::string("packet"))) {
        note("which is not parked");
    }
}

}
