// A library registers a callout on one thread, while another thread calls the same hook point.

#include "server.h"

#include <dlfcn.h>

#include <cstdio>
#include <future>
#include <thread>

namespace {

std::promise<void> called;
std::promise<void> registered;

void wait_until_registered() {
    called.set_value();
    registered.get_future().wait();
}

void (*load_library())() {
    HooksManager::registerHook("packet");
    server::load({server::library("only")});
    void* const image = dlopen((server::program + "_only.so").c_str(), RTLD_NOW | RTLD_NOLOAD);
    return (reinterpret_cast<void (*)()>(dlsym(image, "register_another")));
}

void call(void (*wait)()) {
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    handle->setArgument("wait", wait);
    HooksManager::callCallouts(HooksManager::registerHook("packet"), *handle);
}

// The interleaving that two threads may have, forced: the registration comes while the first callout runs.
void register_during_call() {
    guarded_heap::guarded = true;
    void (*const register_another)() = load_library();
    std::thread registrar([&]() {
        called.get_future().wait();
        register_another();
        note("registerCallout has returned on the other thread");
        registered.set_value();
    });
    call(wait_until_registered);
    registrar.join();
}

// The same without any order between the two threads, for a tool that finds what is not ordered. The chain has room for
// the fourth callout, so that the run itself survives.
void register_beside_call() {
    void (*const register_another)() = load_library();
    register_another();
    std::thread registrar(register_another);
    call([]() {});
    registrar.join();
}

// Whether helgrind reports that callCallouts reads, without a lock, what registerCallout writes on another thread.
bool helgrind_sees_race() {
    const std::string command = "valgrind --tool=helgrind '" + server::program + "' beside 2>&1";
    FILE* const report = popen(command.c_str(), "r");
    std::string block;
    bool seen = false;
    char line[1024];
    while (fgets(line, sizeof(line), report) != nullptr) {
        const std::string text = line;
        if (text.find("Possible data race") != std::string::npos) {
            block.clear();
        }
        block += text;
        seen |= block.find("Possible data race") != std::string::npos &&
                block.find("CalloutManager::callCallouts") != std::string::npos &&
                block.find("CalloutManager::registerCallout") != std::string::npos;
    }
    pclose(report);
    return (seen);
}

} // namespace

int main(int argc, char** argv) {
    server::start(argv);
    if (argc > 1) {
        register_beside_call();
        return (0);
    }
    const std::string end = server::in_child(register_during_call);
    server::say("a registration while a call is under way: called " + server::trace());
    server::say("the call " + end);
    server::say("helgrind reports a data race between callCallouts and registerCallout: " +
                server::yes(helgrind_sees_race()));
    return (0);
}
