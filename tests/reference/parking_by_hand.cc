// Each library counts its own references of a parked packet, and nothing checks the count.

#include "server.h"

#include <dlfcn.h>

namespace {

const std::string PACKET = "packet";
int hook;

ParkingLotPtr lot() { return (ServerHooks::getServerHooks().getParkingLotPtr(hook)); }

// Calls the hook point with libraries that do what is listed, and keeps the packet parked if they say so.
void call(const std::vector<std::string>& what_they_do) {
    HookLibsCollection libraries;
    for (const std::string& does : what_they_do) {
        ElementPtr parameters = Element::createMap();
        parameters->set("does", Element::create(does));
        libraries.push_back(server::library(std::string(1, 'A' + libraries.size()), parameters));
    }
    server::load(libraries);
    HooksManager::park("packet_committed", PACKET, []() { note("the server goes on"); });
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    HooksManager::callCallouts(hook, *handle);
    note("status " + server::status(*handle));
}

// The answer that the library waits for comes.
void answer(const std::string& name) {
    void* const image = dlopen((server::program + "_" + name + ".so").c_str(), RTLD_NOW | RTLD_NOLOAD);
    reinterpret_cast<void (*)()>(dlsym(image, "answer"))();
    dlclose(image);
}

} // namespace

int main(int, char** argv) {
    server::start(argv);
    hook = HooksManager::registerHook("packet_committed");

    call({"references", "references"});
    answer("A");
    answer("B");
    server::say("as intended: " + server::trace());

    call({"dereferences", "references", "references"});
    answer("B");
    answer("C");
    server::say("one dereference too many: " + server::trace());

    call({"does not reference"});
    note("packets left parked: " + std::to_string(lot()->size()));
    answer("A");
    server::say("PARK without a reference: " + server::trace());

    call({"does not reference", "references"});
    answer("B");
    answer("A");
    server::say("PARK without a reference, beside a library with one: " + server::trace());

    call({"references"});
    HooksManager::clearParkingLots();
    note("the server clears its lots, packets left parked: " + std::to_string(lot()->size()));
    answer("A");
    server::say("a kept lot handle: " + server::trace());
    return (0);
}
