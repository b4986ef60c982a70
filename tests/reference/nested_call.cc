// A callout calls a hook point with the handle it was given, while the outer call goes on with the same handle.

#include "server.h"

namespace {

void call(int64_t result) {
    const int outer = HooksManager::registerHook("outer");
    HooksManager::registerHook("inner");
    HookLibsCollection libraries;
    for (const char* name : {"first", "second"}) {
        ElementPtr parameters = Element::createMap();
        parameters->set("result", Element::create(result));
        libraries.push_back(server::library(name, parameters));
    }
    server::load(libraries);
    HooksManager::park("outer", std::string("packet"), []() {});
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    server::say("-- first returns " + std::to_string(result));
    const std::string end = server::outcome([&]() { HooksManager::callCallouts(outer, *handle); });
    server::say(server::trace("\n"));
    server::say("the outer call " + end);
    std::vector<std::string> names = handle->getContextNames();
    server::say("outside of a call, the handle holds in the context of no library: " + names.at(0));
}

} // namespace

int main(int, char** argv) {
    server::start(argv);
    call(0);
    call(1);
    return (0);
}
