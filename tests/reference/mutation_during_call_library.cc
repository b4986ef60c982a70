// Keeps the LibraryHandle of its load(), and changes through it, in a callout, the chain that is being called.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>

using namespace isc::hooks;

namespace {

LibraryHandle* kept;
std::string action;

int fourth(CalloutHandle&);

void change(const std::string& caller, CalloutPtr callout) {
    note(caller);
    if (action == caller + " adds fourth") {
        kept->registerCallout("packet", fourth);
    } else if (action == caller + " removes itself") {
        kept->deregisterCallout("packet", callout);
    } else if (action == caller + " removes all") {
        kept->deregisterAllCallouts("packet");
    }
}

int first(CalloutHandle&) { change("first", first); return (0); }
int second(CalloutHandle&) { change("second", second); return (0); }
int third(CalloutHandle&) { change("third", third); return (0); }
int fourth(CalloutHandle&) { change("fourth", fourth); return (0); }

} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    kept = &handle;
    action = handle.getParameter("action")->stringValue();
    const CalloutPtr callouts[] = {first, second, third};
    for (int64_t i = 0; i < handle.getParameter("callouts")->intValue(); ++i) {
        handle.registerCallout("packet", callouts[i]);
    }
    return (0);
}

}
