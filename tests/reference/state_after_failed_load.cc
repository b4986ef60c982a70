// A working set of libraries is to be replaced by one of which a library fails in load().

#include "server.h"

namespace {

int packet;

int server_callout(CalloutHandle&) {
    note("the server's own callout is called");
    return (0);
}

void say_state() {
    HooksManager::callCallouts(packet, *HooksManager::createCalloutHandle());
    server::say("  listed as loaded: " + server::loaded() + "; a call: " + server::trace());
}

void replace_by(const HookLibsCollection& libraries) {
    server::load({server::library("good")});
    HooksManager::preCalloutsLibraryHandle().registerCallout("packet", server_callout);
    server::say("a working set: " + server::trace());
    say_state();
    std::vector<std::string> files;
    for (const HookLibInfo& library : libraries) {
        files.push_back(library.first);
    }
    const size_t wrong = HooksManager::validateLibraries(files).size();
    server::say("it is replaced: validateLibraries finds " + std::to_string(wrong) + " wrong");
    const bool done = HooksManager::loadLibraries(libraries);
    server::say("  loadLibraries returned " + std::string(done ? "true" : "false") + ", " + server::trace());
    say_state();
}

} // namespace

int main(int, char** argv) {
    server::start(argv);
    packet = HooksManager::registerHook("packet");
    server::say("-- by a set with a library that refuses");
    replace_by({server::library("better"), server::library("bad")});
    server::say("-- by a set with a file that does not exist");
    replace_by({server::library("better"), {"missing.so", Element::createMap()}});
    return (0);
}
