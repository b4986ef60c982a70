// Takes the times of the reference's hooks: `bench CASE SAMPLES LIBRARY...` prints the least time of one turn in nanoseconds.
#include <hooks/callout_handle.h>
#include <hooks/hooks_manager.h>
#include <log/logger_manager.h>
#include <log/logger_support.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "packet.h"

using namespace isc::hooks;
typedef std::function<void(int64_t)> Loop;

static int idle, received, selected, sent, named, context_read, context_stored;

// One hook point as the reference's servers do it.
static bool pass(int index, CalloutHandlePtr& handle, PacketPtr& packet) {
    if (!HooksManager::calloutsPresent(index)) {
        return (true);
    }
    ScopedCalloutHandleState state(handle);
    handle->setArgument("packet", packet);
    handle->setArgument("from", static_cast<int64_t>(3));
    HooksManager::callCallouts(index, *handle);
    handle->getArgument("packet", packet);
    return (handle->getStatus() != CalloutHandle::NEXT_STEP_DROP);
}

static Loop pass_through(int* index) {
    return [index](int64_t times) {
        CalloutHandlePtr handle = HooksManager::createCalloutHandle();
        PacketPtr packet(new Packet());
        while (times-- > 0) {
            if (!pass(*index, handle, packet)) abort();
        }
    };
}

static void request(int64_t times) {
    PacketPtr packet(new Packet());
    while (times-- > 0) {
        CalloutHandlePtr handle = HooksManager::createCalloutHandle();
        if (!pass(received, handle, packet) || !pass(selected, handle, packet) || !pass(sent, handle, packet)) abort();
    }
}

static void make_handle(int64_t times) {
    while (times-- > 0) {
        CalloutHandlePtr handle = HooksManager::createCalloutHandle();
        asm volatile("" : : "r"(handle.get()) : "memory");
    }
}

static void by_name(int64_t times) {
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    int64_t number = 0;
    while (times-- > 0) {
        handle->setArgument("count", number);
        handle->setArgument("from", static_cast<int64_t>(3));
        HooksManager::callCallouts(named, *handle);
        handle->getArgument("count", number);
    }
}

static Loop inside(int* index) {
    return [index](int64_t times) {
        CalloutHandlePtr handle = HooksManager::createCalloutHandle();
        handle->setArgument("times", times);
        HooksManager::callCallouts(*index, *handle);
    };
}

int main(int argc, char** argv) {
    if (argc < 3) return (2);
    setenv("KEA_LOGGER_DESTINATION", "/dev/null", 1);
    setenv("KEA_LOCKFILE_DIR", "none", 0);
    isc::log::initLogger("bench", isc::log::FATAL, 0, 0, false);
    const std::pair<const char*, int*> points[] = {
        {"bench_idle", &idle}, {"bench_received", &received}, {"bench_selected", &selected}, {"bench_sent", &sent},
        {"bench_named", &named}, {"bench_context_read", &context_read}, {"bench_context_stored", &context_stored}};
    for (const auto& point : points) *point.second = HooksManager::registerHook(point.first);
    HookLibsCollection libraries;
    for (int i = 3; i < argc; ++i) libraries.push_back(HookLibInfo(argv[i], isc::data::ConstElementPtr()));
    if (!libraries.empty() && !HooksManager::loadLibraries(libraries)) return (3);

    const std::map<std::string, Loop> loops = {
        {"idle", pass_through(&idle)}, {"call", pass_through(&received)}, {"request", request}, {"handle", make_handle},
        {"context-get", inside(&context_read)}, {"context-set", inside(&context_stored)}, {"by-name", by_name}};
    const auto found = loops.find(argv[1]);
    if (found == loops.end()) return (2);
    const auto time = [&](int64_t times) {
        const auto begin = std::chrono::steady_clock::now();
        found->second(times);
        return (std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
    };
    int64_t times = 64;
    while (time(times) < 500000) times *= 2;
    double least = 1e18;
    for (int sample = std::atoi(argv[2]); sample > 0; --sample) least = std::min(least, time(times) / times);
    std::printf("%.4f\n", least);
    HooksManager::prepareUnloadLibraries();
    return (HooksManager::unloadLibraries() ? 0 : 4);
}
