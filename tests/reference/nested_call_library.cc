// `first` calls another hook point with the handle it was given, then works on as before; `second` comes after it.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>
#include <hooks/hooks_manager.h>
#include <hooks/server_hooks.h>

using namespace isc::hooks;

namespace {

std::string own_name;
int result;

std::string hook_of(const CalloutHandle& handle) { return ("hook \"" + handle.getHookName() + "\""); }

std::string item_of(const CalloutHandle& handle) {
    try {
        std::string item;
        handle.getContext("item", item);
        return ("its context item is \"" + item + "\"");
    } catch (const std::exception& error) {
        return (std::string("its context item: ") + error.what());
    }
}

std::string parked(const CalloutHandle& handle) {
    try {
        handle.getParkingLotHandlePtr()->reference(std::string("packet"));
        return ("the packet is parked");
    } catch (const std::exception& error) {
        return (std::string("the packet: ") + error.what());
    }
}

} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    own_name = handle.getParameter("name")->stringValue();
    result = handle.getParameter("result")->intValue();
    return (0);
}

int outer(CalloutHandle& handle) {
    if (own_name == "first") {
        handle.setContext("item", std::string("kept by first"));
        handle.setStatus(CalloutHandle::NEXT_STEP_DROP);
        note("first begins: " + hook_of(handle) + ", " + item_of(handle) + ", " + parked(handle) + ", status DROP");
        HooksManager::callCallouts(ServerHooks::getServerHooks().getIndex("inner"), handle);
        const bool reset = handle.getStatus() == CalloutHandle::NEXT_STEP_CONTINUE;
        note("first after the nested call: " + hook_of(handle) + ", " + item_of(handle) + ", " + parked(handle) +
             ", status " + (reset ? "CONTINUE" : "DROP"));
        handle.setContext("late", 1);
        return (result);
    }
    handle.setContext("item", std::string("kept by second"));
    note("second: " + hook_of(handle) + ", " + item_of(handle) + ", " + parked(handle));
    return (0);
}

int inner(CalloutHandle& handle) {
    if (own_name == "second") {
        note("the nested call: " + hook_of(handle));
    }
    return (0);
}

}
