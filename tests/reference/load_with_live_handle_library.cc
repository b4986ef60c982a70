// Says when it is loaded, called and unloaded, and leaves an object of its own in the context of the request.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>

#include <memory>

using namespace isc::hooks;

namespace {
std::string own_name;

// A type of this library, so that the code which ends it is the library's.
struct Visit {
    std::string library = own_name;
};
} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    own_name = handle.getParameter("name")->stringValue();
    note(own_name + " loads");
    return (0);
}

int unload() {
    note(own_name + " unloads");
    return (0);
}

int packet(CalloutHandle& handle) {
    handle.setContext("visit", std::make_shared<Visit>());
    note(own_name + " is called");
    return (0);
}

}
