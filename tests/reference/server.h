// What the programs have in common: each plays the server. Included by one file of a program.
#pragma once

#include "guarded_heap.h"
#include "trace.h"

#include <cc/data.h>
#include <hooks/callout_handle.h>
#include <hooks/hooks_manager.h>
#include <log/logger_support.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace isc::hooks;
using isc::data::Element;
using isc::data::ElementPtr;

namespace server {

inline std::string program;

// The trace, shared with child processes, so that what happened in one that has crashed is known.
inline char* shared_page() {
    static char* const page = static_cast<char*>(
        mmap(nullptr, guarded_heap::PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    return (page);
}

// Begins the program. Errors are logged, as in a server; they go to standard error.
inline void start(char** argv) {
    program = std::filesystem::absolute(argv[0]);
    setenv("KEA_LOCKFILE_DIR", "none", 1);
    isc::log::initLogger("reference", isc::log::ERROR, 0, nullptr, false);
    shared_page();
    guarded_heap::region();
}

// One line of what the program has to say.
inline void say(const std::string& line) { std::cout << line << std::endl; }

inline std::string yes(bool is) { return (is ? "yes" : "no"); }

// What has been noted since this was last asked.
inline std::string trace(const std::string& separator = ", ") {
    std::istringstream lines(shared_page());
    std::string seen;
    for (std::string line; std::getline(lines, line);) {
        seen += (seen.empty() ? "" : separator) + line;
    }
    shared_page()[0] = '\0';
    return (seen.empty() ? "nothing" : seen);
}

// The program's hook library, copied to a file of its own so that it has its own globals under each name.
inline HookLibInfo library(const std::string& name, ElementPtr parameters = Element::createMap()) {
    const std::filesystem::path file = program + "_" + name + ".so";
    static std::set<std::string> copied; // A file that may be mapped must not be written again.
    if (copied.insert(name).second) {
        std::filesystem::copy_file(program + "_library.so", file, std::filesystem::copy_options::overwrite_existing);
    }
    parameters->set("name", Element::create(name));
    return (HookLibInfo(file, parameters));
}

// Loads the libraries, which nothing may prevent.
inline void load(const HookLibsCollection& libraries) {
    if (!HooksManager::loadLibraries(libraries)) {
        say("the libraries cannot be loaded");
        exit(1);
    }
}

// The names under which the reference lists its libraries.
inline std::string loaded() {
    std::string names;
    for (const std::string& file : HooksManager::getLibraryNames()) {
        names += (names.empty() ? "" : ", ") + file.substr(program.size() + 1, file.size() - program.size() - 4);
    }
    return (names.empty() ? "nothing" : names);
}

// What happened, or what was thrown.
inline std::string outcome(const std::function<void()>& action) {
    try {
        action();
        return ("returned");
    } catch (const std::exception& error) {
        return (std::string("threw \"") + error.what() + "\"");
    }
}

inline std::string status(const CalloutHandle& handle) {
    const char* const names[] = {"CONTINUE", "SKIP", "DROP", "PARK"};
    return (names[handle.getStatus()]);
}

inline void on_crash(int, siginfo_t* signal, void*) {
    const char* const text = guarded_heap::blame(signal->si_addr);
    static_cast<void>(!write(STDOUT_FILENO, text, std::strlen(text)));
    _exit(0);
}

// How the action ends, in a child process, so that it may crash.
inline std::string in_child(const std::function<void()>& action) {
    int ends[2];
    if (pipe(ends) != 0) {
        exit(1);
    }
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        struct sigaction handler = {};
        handler.sa_sigaction = on_crash;
        handler.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &handler, nullptr);
        const std::string end = outcome(action);
        static_cast<void>(!write(STDOUT_FILENO, end.data(), end.size()));
        _exit(0);
    }
    close(ends[1]);
    std::string end;
    char buffer[256];
    for (ssize_t length; (length = read(ends[0], buffer, sizeof(buffer))) > 0;) {
        end.append(buffer, length);
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return (end);
}

} // namespace server

void note(const std::string& text) {
    char* const trace = server::shared_page();
    const size_t length = std::strlen(trace);
    if (length + text.size() + 1 < guarded_heap::PAGE) {
        std::strcpy(trace + length, (text + "\n").c_str());
    }
}
