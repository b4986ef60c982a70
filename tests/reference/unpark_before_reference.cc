// Two libraries park one packet. The answer that the first of them waits for comes before the second has referenced it.

#include "server.h"

int main(int, char** argv) {
    server::start(argv);
    const int hook = HooksManager::registerHook("packet_committed");
    server::load({server::library("first"), server::library("second")});
    const std::string packet = "packet";
    CalloutHandlePtr handle = HooksManager::createCalloutHandle();
    handle->setArgument("packet", packet);

    // What the reference's DHCP server does: it parks the packet, calls, and keeps it parked if it is told to.
    HooksManager::park("packet_committed", packet, []() { note("the server goes on with the packet"); });
    const std::string end = server::outcome([&]() { HooksManager::callCallouts(hook, *handle); });
    note("the call " + end + " with status " + server::status(*handle));
    const bool still = HooksManager::drop("packet_committed", packet);
    server::say(server::trace("\n"));
    server::say("the packet is still parked after the call: " + server::yes(still));
    return (0);
}
