// The first of two libraries keeps the LibraryHandle that its load() was given, and uses it later.

#include "server.h"

namespace {

void maintain(const std::string& step) {
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    handle->setArgument("step", step);
    HooksManager::callCallouts(HooksManager::registerHook("maintain"), *handle);
}

std::string call() {
    HooksManager::callCallouts(HooksManager::registerHook("packet"), *HooksManager::createCalloutHandle());
    return (server::trace());
}

} // namespace

int main(int, char** argv) {
    server::start(argv);
    HooksManager::registerHook("maintain");
    HooksManager::registerHook("packet");
    server::load({server::library("first"), server::library("second")});
    server::say("a call: " + call());
    maintain("ask");
    server::say("first asks its kept handle for its parameters: " + server::trace());
    maintain("register");
    server::say("first registers late through it, a call: " + call());
    maintain("deregister");
    server::say("first deregisters all its callouts through it: returned " + server::trace());
    server::say("a call: " + call());
    return (0);
}
