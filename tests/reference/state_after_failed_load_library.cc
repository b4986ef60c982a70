// Says when it is loaded, called and unloaded; as `bad` it refuses to be loaded.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>

using namespace isc::hooks;

namespace {
std::string own_name;
}

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    own_name = handle.getParameter("name")->stringValue();
    note(own_name + " loads");
    return (own_name == "bad" ? 1 : 0);
}

int unload() {
    note(own_name + " unloads");
    return (0);
}

int packet(CalloutHandle&) {
    note(own_name + " is called");
    return (0);
}

}
