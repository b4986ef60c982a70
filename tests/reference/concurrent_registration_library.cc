// Lets the program register a callout, through the LibraryHandle that it keeps, on a thread of the program's choice.

#include "trace.h"

#include <hooks/hooks.h>

using namespace isc::hooks;

namespace {

LibraryHandle* kept;

int second(CalloutHandle&) {
    note("second");
    return (0);
}

} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int multi_threading_compatible() { return (1); }

int packet(CalloutHandle& handle) {
    note("first");
    void (*wait)();
    handle.getArgument("wait", wait);
    wait();
    return (0);
}

int load(LibraryHandle& handle) {
    kept = &handle;
    handle.registerCallout("packet", second);
    return (0);
}

void register_another() { kept->registerCallout("packet", second); }

}
