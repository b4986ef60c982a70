// `first` keeps the LibraryHandle of its load(), and uses it when the hook point `maintain` is called.

#include "trace.h"

#include <cc/data.h>
#include <hooks/hooks.h>

using namespace isc::hooks;

namespace {

std::string own_name;
LibraryHandle* kept;

int late(CalloutHandle& handle) {
    std::string item;
    handle.getContext("item", item);
    note("late, a function of " + own_name + ", finds the context item of " + item);
    return (0);
}

} // namespace

extern "C" {

int version() { return (KEA_HOOKS_VERSION); }

int load(LibraryHandle& handle) {
    own_name = handle.getParameter("name")->stringValue();
    kept = &handle;
    return (0);
}

int packet(CalloutHandle& handle) {
    handle.setContext("item", own_name);
    note(own_name);
    return (0);
}

int maintain(CalloutHandle& handle) {
    if (own_name != "first") {
        return (0);
    }
    std::string step;
    handle.getArgument("step", step);
    if (step == "ask") {
        note("it finds the parameters of " + kept->getParameter("name")->stringValue());
    } else if (step == "register") {
        kept->registerCallout("packet", late);
    } else if (step == "deregister") {
        note(kept->deregisterAllCallouts("packet") ? "true" : "false");
    }
    return (0);
}

}
