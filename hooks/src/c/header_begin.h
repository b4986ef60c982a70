/*
 * hooks.h: hook libraries in C99 or C++, without any other dependency.
 *
 * Generated from the host's own declarations; do not edit.
 *
 * A library is a shared object that defines at least the function `version`:
 *
 *     #include "hooks.h"
 *
 *     int version(void) { return HOOKS_VERSION; }
 *     int multi_threading_compatible(void) { return 1; }
 *
 *     int pkt4_receive(hooks_handle *handle)
 *     {
 *         uint64_t hops;
 *         if (hooks_get_uint(handle, "query4.hops", &hops) != HOOKS_OK) {
 *             return 1;
 *         }
 *         return hops > 4 ? hooks_set_status(handle, HOOKS_DROP) : 0;
 *     }
 *
 *     cc -std=c99 -shared -fPIC -I hooks/include -o libhops.so hops.c
 *
 * Standard functions, all but the first optional:
 *
 *     int version(void)                      must return HOOKS_VERSION
 *     int multi_threading_compatible(void)   not 0 if callouts may run on several threads at once; a server
 *                                            with several threads refuses a library without it
 *     int load(hooks_library *library)       called once, before any callout; not 0: the libraries are not
 *                                            loaded (and unload is called)
 *     int unload(void)                       called once, when the library is detached; calls in flight may
 *                                            still be inside; not 0 is logged
 *
 * Callouts: each function with external linkage whose name is that of a hook point is attached to it, before
 * `load` is called; `load` may register others, also under other names. A callout returns 0, or another number
 * if it failed, which counts as the hook point says. A symbol that only a dependency defines is not attached.
 * In C++, declare standard functions and callouts `extern "C"`; no exception may leave them: it ends the process.
 * Nor may they end in any other way than by returning: not by longjmp, pthread_exit or the thread's cancellation.
 *
 * What functions return is HOOKS_OK or an error's number, unless their result is a pointer or a status;
 * hooks_last_error(handle), or hooks_library_last_error(library), has the text of the last error.
 *
 * Paths: the name of an argument and then its parts: "lease4", "lease4.hostname", "query4.options[0].data". An
 * Option is looked through; one that is None is HOOKS_ERROR_NOT_FOUND to read, and is filled by writing. What
 * a hook point lends read-only cannot be written, nor what lies in a field that is not `pub` in Rust. Lists and
 * Options of the type in which they are, as in a tree, cannot be looked into, nor packed fields. Hook points and
 * their arguments are listed by the server.
 *
 * Texts are UTF-8 with a zero byte at the end. They are copied into your buffer, whole or not at all; *length
 * (if length is not NULL) becomes the number of bytes without the zero byte, also if the buffer is too small.
 * With a NULL buffer of size 0 only the length is given. No memory changes its owner.
 *
 * Life times and threads: a hooks_handle is of use while its callout runs, on that thread. A hooks_library is
 * of use until the library's last callout has returned after `unload`, from any thread. A hooks_ticket is of
 * use until it is resolved, once, from any thread. A library stays mapped, unless its host asks for something
 * else; loading its file twice gives two hooks_library and one set of global variables.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of this interface, for the function `version`. */
#define HOOKS_VERSION @VERSION@

typedef struct hooks_api hooks_api;

/* What a callout is lent. */
typedef struct hooks_handle {
    const hooks_api *api;
} hooks_handle;

/* A loaded library. */
typedef struct hooks_library {
    const hooks_api *api;
} hooks_library;

/* Keeps a request parked. */
typedef struct hooks_ticket {
    const hooks_api *api;
} hooks_ticket;

/* A callout: 0, or another number if it failed. */
typedef int (*hooks_callout)(hooks_handle *handle);

/* Ends the life of what a context holds. */
typedef void (*hooks_destroy)(void *value);

