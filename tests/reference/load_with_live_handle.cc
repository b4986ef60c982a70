// The set of libraries is changed while a request still holds its handle.

#include "server.h"

#include <dlfcn.h>

namespace {

int packet;

std::string call(CalloutHandle& handle) {
    HooksManager::callCallouts(packet, handle);
    return (server::trace());
}

bool is_mapped(const std::string& name) {
    void* const image = dlopen((server::program + "_" + name + ".so").c_str(), RTLD_NOW | RTLD_NOLOAD);
    return (image != nullptr && dlclose(image) == 0);
}

void load_new() { server::load({server::library("new")}); }

void say_state() {
    server::say("  listed as loaded: " + server::loaded() + "; mapped: old " + server::yes(is_mapped("old")) + ", new " +
                server::yes(is_mapped("new")) + "; a call: " + call(*HooksManager::createCalloutHandle()));
}

// Loads `old`, makes a handle, tries to load `new`.
CalloutHandlePtr refused() {
    server::load({server::library("old")});
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    note(server::outcome(load_new));
    return (handle);
}

} // namespace

int main(int, char** argv) {
    server::start(argv);
    packet = HooksManager::registerHook("packet");

    CalloutHandlePtr before = refused();
    server::say("new is loaded while a handle lives: " + server::trace());
    say_state();
    CalloutHandlePtr after = HooksManager::createCalloutHandle();
    before.reset();
    server::say("that handle ends, another made since lives: " + server::trace());
    say_state();
    note(server::outcome(load_new));
    server::say("new is loaded while the other lives: " + server::trace());
    say_state();
    after.reset();
    note(server::outcome(load_new));
    server::say("new is loaded when no handle lives: " + server::trace());
    say_state();

    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    HooksManager::prepareUnloadLibraries();
    note(HooksManager::unloadLibraries() ? "unloadLibraries returned true" : "unloadLibraries returned false");
    server::say("all is unloaded while a handle lives: " + server::trace());
    say_state();
    handle.reset();

    const std::string end = server::in_child([]() {
        guarded_heap::guarded = true;
        CalloutHandlePtr before = refused();
        CalloutHandlePtr after = HooksManager::createCalloutHandle();
        HooksManager::callCallouts(packet, *after);
        before.reset();
        note("the handle made since ends");
        after.reset();
    });
    server::say("a call with a handle made after the failure, then both end: " + server::trace());
    server::say("  the end of the second " + end);
    return (0);
}
