// A hook library for the reference: callouts that do what those of the plugins `calling`, `storing` and `bracketing` do.
#include <hooks/hooks.h>

#include <cstdint>
#include <cstdlib>

#include "packet.h"

using namespace isc::hooks;

static int count(CalloutHandle& handle) {
    PacketPtr packet;
    int64_t from;
    handle.getArgument("packet", packet);
    handle.getArgument("from", from);
    packet->length = packet->id + from;
    if (packet->length == -1) {
        handle.setStatus(CalloutHandle::NEXT_STEP_DROP);
    }
    return (0);
}

extern "C" {
int version() { return (KEA_HOOKS_VERSION); }
int multi_threading_compatible() { return (1); }
int load(LibraryHandle&) { return (0); }
int unload() { return (0); }

#ifndef BRACKETING
int bench_received(CalloutHandle& handle) { return (count(handle)); }
int bench_selected(CalloutHandle& handle) { return (count(handle)); }
int bench_sent(CalloutHandle& handle) { return (count(handle)); }

int bench_named(CalloutHandle& handle) {
    int64_t from, number;
    handle.getArgument("from", from);
    handle.getArgument("count", number);
    handle.setArgument("count", number + from);
    return (0);
}

int bench_context_read(CalloutHandle& handle) {
    int64_t times, value = 0, sum = 0;
    handle.getArgument("times", times);
    handle.setContext("state", static_cast<int64_t>(7));
    while (times-- > 0) {
        handle.getContext("state", value);
        sum += value;
    }
    return (sum == 1 ? 1 : 0);
}

int bench_context_stored(CalloutHandle& handle) {
    int64_t times;
    handle.getArgument("times", times);
    while (times-- > 0) {
        handle.setContext("state", times);
    }
    return (0);
}
#else
int context_create(CalloutHandle&) { return (0); }
int context_destroy(CalloutHandle&) { return (0); }
#endif
}
