// A callout registers or deregisters callouts on the very hook point that is being called.

#include "server.h"

namespace {

// One call of a chain, in which a callout does what `action` says, and the call after it.
void call(int64_t callouts, const std::string& action) {
    const std::string end = server::in_child([&]() {
        guarded_heap::guarded = true;
        const int packet = HooksManager::registerHook("packet");
        ElementPtr parameters = Element::createMap();
        parameters->set("callouts", Element::create(callouts));
        parameters->set("action", Element::create(action));
        server::load({server::library("only", parameters)});
        HooksManager::callCallouts(packet, *HooksManager::createCalloutHandle());
    });
    server::say(std::to_string(callouts) + " callouts, " + action + ": called " + server::trace() + "; the call " + end);
}

} // namespace

int main(int, char** argv) {
    server::start(argv);
    call(3, "first does nothing");
    call(3, "first adds fourth");
    call(2, "first adds fourth");
    call(3, "second removes itself");
    call(2, "second removes itself");
    call(3, "first removes all");
    return (0);
}
