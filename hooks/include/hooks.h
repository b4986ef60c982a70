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
#define HOOKS_VERSION 1

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

/* What the functions return. Every other number than HOOKS_OK is an error: hooks_last_error() has its text. */
enum {
    /* Done. */
    HOOKS_OK = 0,
    /* A pointer is NULL that must not be, a text is not UTF-8, or a path cannot be read. */
    HOOKS_ERROR_INVALID = 1,
    /* There is no such argument, field, element, value, hook point or callout, or it is absent (None). */
    HOOKS_ERROR_NOT_FOUND = 2,
    /* It has another type. */
    HOOKS_ERROR_TYPE = 3,
    /* The number does not fit. */
    HOOKS_ERROR_RANGE = 4,
    /* The hook point lends it read-only. */
    HOOKS_ERROR_READ_ONLY = 5,
    /* The buffer is too small; the length that it must have has been written. */
    HOOKS_ERROR_SIZE = 6,
    /* The hook point or the host does not allow it. */
    HOOKS_ERROR_REFUSED = 7,
    /* The host failed. */
    HOOKS_ERROR_INTERNAL = 8
};

/* Next steps. Each hook point honours some of them, and says what they mean there. */
enum {
    /* Go on. */
    HOOKS_CONTINUE = 0,
    /* Leave out the server's own next step. */
    HOOKS_SKIP = 1,
    /* Drop what is being worked on. */
    HOOKS_DROP = 2,
    /* Put it aside; take a ticket with hooks_park() first. */
    HOOKS_PARK = 3
};

/* Levels of log lines. */
enum {
    /* Something is wrong. */
    HOOKS_LOG_ERROR = 1,
    /* Something may be wrong. */
    HOOKS_LOG_WARN = 2,
    /* What operators want to know. */
    HOOKS_LOG_INFO = 3,
    /* What developers want to know. */
    HOOKS_LOG_DEBUG = 4,
    /* Everything. */
    HOOKS_LOG_TRACE = 5
};

/* What the functions below go through; not for direct use. */
struct hooks_api {
    const char *(*hook_name)(hooks_handle *handle);
    hooks_library *(*handle_library)(hooks_handle *handle);
    const char *(*handle_last_error)(hooks_handle *handle);
    int (*handle_log)(hooks_handle *handle, int level, const char *message);
    int (*status)(hooks_handle *handle);
    int (*set_status)(hooks_handle *handle, int status);
    int (*override_failure)(hooks_handle *handle, int status);
    int (*argument_name)(hooks_handle *handle, size_t index, char *buffer, size_t size, size_t *length);
    int (*field_name)(hooks_handle *handle, const char *path, size_t index, char *buffer, size_t size, size_t *length);
    int (*type_name)(hooks_handle *handle, const char *path, char *buffer, size_t size, size_t *length);
    int (*is_writable)(hooks_handle *handle, const char *path, bool *writable);
    int (*is_present)(hooks_handle *handle, const char *path, bool *present);
    int (*get_length)(hooks_handle *handle, const char *path, size_t *length);
    int (*clear_value)(hooks_handle *handle, const char *path);
    int (*get_int)(hooks_handle *handle, const char *path, int64_t *value);
    int (*set_int)(hooks_handle *handle, const char *path, int64_t value);
    int (*get_uint)(hooks_handle *handle, const char *path, uint64_t *value);
    int (*set_uint)(hooks_handle *handle, const char *path, uint64_t value);
    int (*get_bool)(hooks_handle *handle, const char *path, bool *value);
    int (*set_bool)(hooks_handle *handle, const char *path, bool value);
    int (*get_double)(hooks_handle *handle, const char *path, double *value);
    int (*set_double)(hooks_handle *handle, const char *path, double value);
    int (*get_char)(hooks_handle *handle, const char *path, uint32_t *value);
    int (*set_char)(hooks_handle *handle, const char *path, uint32_t value);
    int (*get_string)(hooks_handle *handle, const char *path, char *buffer, size_t size, size_t *length);
    int (*set_string)(hooks_handle *handle, const char *path, const char *value);
    int (*get_bytes)(hooks_handle *handle, const char *path, uint8_t *buffer, size_t size, size_t *length);
    int (*set_bytes)(hooks_handle *handle, const char *path, const uint8_t *value, size_t length);
    int (*set_extra_int)(hooks_handle *handle, const char *name, int64_t value);
    int (*get_extra_int)(hooks_handle *handle, const char *name, int64_t *value);
    int (*set_extra_uint)(hooks_handle *handle, const char *name, uint64_t value);
    int (*get_extra_uint)(hooks_handle *handle, const char *name, uint64_t *value);
    int (*set_extra_bool)(hooks_handle *handle, const char *name, bool value);
    int (*get_extra_bool)(hooks_handle *handle, const char *name, bool *value);
    int (*set_extra_double)(hooks_handle *handle, const char *name, double value);
    int (*get_extra_double)(hooks_handle *handle, const char *name, double *value);
    int (*set_extra_string)(hooks_handle *handle, const char *name, const char *value);
    int (*get_extra_string)(hooks_handle *handle, const char *name, char *buffer, size_t size, size_t *length);
    int (*delete_extra)(hooks_handle *handle, const char *name);
    int (*set_context)(hooks_handle *handle, const char *name, void *value, hooks_destroy destroy);
    int (*get_context)(hooks_handle *handle, const char *name, void **value);
    int (*delete_context)(hooks_handle *handle, const char *name);
    int (*park)(hooks_handle *handle, hooks_ticket **ticket);
    void (*resume)(hooks_ticket *ticket);
    void (*drop_request)(hooks_ticket *ticket);
    const char *(*library_name)(hooks_library *library);
    const char *(*library_parameters)(hooks_library *library);
    const char *(*library_last_error)(hooks_library *library);
    int (*library_log)(hooks_library *library, int level, const char *message);
    int (*log_enabled)(hooks_library *library, int level, bool *enabled);
    int (*register_callout_at)(hooks_library *library, const char *hook, const char *name, hooks_callout function, const char *file, uint32_t line);
    int (*deregister_callout)(hooks_library *library, const char *hook, hooks_callout function);
    int (*deregister_all_callouts)(hooks_library *library, const char *hook);
    int (*register_command_callout_at)(hooks_library *library, const char *command, const char *name, hooks_callout function, const char *file, uint32_t line);
    int (*deregister_command_callout)(hooks_library *library, const char *command, hooks_callout function);
    int (*register_hook_at)(hooks_library *library, const char *name, const char *file, uint32_t line);
};

/* ---- Where a callout is ---- */

/* The name of the hook point that is being called; of use while the callout runs. */
static inline const char *hooks_hook_name(hooks_handle *handle)
{
    return handle->api->hook_name(handle);
}

/* The library of the callout. */
static inline hooks_library *hooks_handle_library(hooks_handle *handle)
{
    return handle->api->handle_library(handle);
}

/* The text of the last error on this thread; of use until the next error on it. */
static inline const char *hooks_last_error(hooks_handle *handle)
{
    return handle->api->handle_last_error(handle);
}

/* Writes a line to the server's log, under the name of the library. */
static inline int hooks_log(hooks_handle *handle, int level, const char *message)
{
    return handle->api->handle_log(handle, level, message);
}

/* ---- The status ---- */

/* The status as the callouts before have left it. */
static inline int hooks_status(hooks_handle *handle)
{
    return handle->api->status(handle);
}

/* Sets the status, also back to HOOKS_CONTINUE. Refused if the hook point does not honour it, or after a
   callout has failed. */
static inline int hooks_set_status(hooks_handle *handle, int status)
{
    return handle->api->set_status(handle, status);
}

/* Sets the status although an earlier callout has failed. */
static inline int hooks_override_failure(hooks_handle *handle, int status)
{
    return handle->api->override_failure(handle, status);
}

/* ---- Declared arguments, by path ---- */

/* Copies the name of the argument with this number, from 0 on. */
static inline int hooks_argument_name(hooks_handle *handle, size_t index, char *buffer, size_t size, size_t *length)
{
    return handle->api->argument_name(handle, index, buffer, size, length);
}

/* Copies the name of the field with this number of the struct at the path, from 0 on. */
static inline int hooks_field_name(hooks_handle *handle, const char *path, size_t index, char *buffer, size_t size, size_t *length)
{
    return handle->api->field_name(handle, path, index, buffer, size, length);
}

/* Copies the type of what is at the path, as Rust spells it. */
static inline int hooks_type_name(hooks_handle *handle, const char *path, char *buffer, size_t size, size_t *length)
{
    return handle->api->type_name(handle, path, buffer, size, length);
}

/* Whether it can be changed: the hook point lends it so, and no private field is on the path. */
static inline int hooks_is_writable(hooks_handle *handle, const char *path, bool *writable)
{
    return handle->api->is_writable(handle, path, writable);
}

/* Whether it is there: false for an Option that is None. */
static inline int hooks_is_present(hooks_handle *handle, const char *path, bool *present)
{
    return handle->api->is_present(handle, path, present);
}

/* The number of elements of a list or an array, or of the bytes of a text. */
static inline int hooks_get_length(hooks_handle *handle, const char *path, size_t *length)
{
    return handle->api->get_length(handle, path, length);
}

/* Makes an Option None, a list or a text empty. */
static inline int hooks_clear_value(hooks_handle *handle, const char *path)
{
    return handle->api->clear_value(handle, path);
}

/* Gets an integer of any width, or the number of an enum's variant. */
static inline int hooks_get_int(hooks_handle *handle, const char *path, int64_t *value)
{
    return handle->api->get_int(handle, path, value);
}

/* Sets an integer of any width. */
static inline int hooks_set_int(hooks_handle *handle, const char *path, int64_t value)
{
    return handle->api->set_int(handle, path, value);
}

/* Gets an integer of any width, or the number of an enum's variant. */
static inline int hooks_get_uint(hooks_handle *handle, const char *path, uint64_t *value)
{
    return handle->api->get_uint(handle, path, value);
}

/* Sets an integer of any width. */
static inline int hooks_set_uint(hooks_handle *handle, const char *path, uint64_t value)
{
    return handle->api->set_uint(handle, path, value);
}

/* Gets a bool. */
static inline int hooks_get_bool(hooks_handle *handle, const char *path, bool *value)
{
    return handle->api->get_bool(handle, path, value);
}

/* Sets a bool. */
static inline int hooks_set_bool(hooks_handle *handle, const char *path, bool value)
{
    return handle->api->set_bool(handle, path, value);
}

/* Gets a floating-point number. */
static inline int hooks_get_double(hooks_handle *handle, const char *path, double *value)
{
    return handle->api->get_double(handle, path, value);
}

/* Sets a floating-point number. */
static inline int hooks_set_double(hooks_handle *handle, const char *path, double value)
{
    return handle->api->set_double(handle, path, value);
}

/* Gets a Unicode character. */
static inline int hooks_get_char(hooks_handle *handle, const char *path, uint32_t *value)
{
    return handle->api->get_char(handle, path, value);
}

/* Sets a Unicode character. */
static inline int hooks_set_char(hooks_handle *handle, const char *path, uint32_t value)
{
    return handle->api->set_char(handle, path, value);
}

/* Copies a text, an IP address as text, or the name of an enum's variant. */
static inline int hooks_get_string(hooks_handle *handle, const char *path, char *buffer, size_t size, size_t *length)
{
    return handle->api->get_string(handle, path, buffer, size, length);
}

/* Sets a text, or an IP address from its text. */
static inline int hooks_set_string(hooks_handle *handle, const char *path, const char *value)
{
    return handle->api->set_string(handle, path, value);
}

/* Copies the bytes of a list or an array of bytes, or of a text. */
static inline int hooks_get_bytes(hooks_handle *handle, const char *path, uint8_t *buffer, size_t size, size_t *length)
{
    return handle->api->get_bytes(handle, path, buffer, size, length);
}

/* Sets the bytes of a list, or all of an array. */
static inline int hooks_set_bytes(hooks_handle *handle, const char *path, const uint8_t *value, size_t length)
{
    return handle->api->set_bytes(handle, path, value, length);
}

/* ---- Extra arguments: values that callouts of one request hand to each other, and to the server ---- */

/* Sets an extra argument, which Rust sees as an i64. */
static inline int hooks_set_extra_int(hooks_handle *handle, const char *name, int64_t value)
{
    return handle->api->set_extra_int(handle, name, value);
}

/* Gets an extra argument that is an integer of any width. */
static inline int hooks_get_extra_int(hooks_handle *handle, const char *name, int64_t *value)
{
    return handle->api->get_extra_int(handle, name, value);
}

/* Sets an extra argument, which Rust sees as a u64. */
static inline int hooks_set_extra_uint(hooks_handle *handle, const char *name, uint64_t value)
{
    return handle->api->set_extra_uint(handle, name, value);
}

/* Gets an extra argument that is an integer of any width. */
static inline int hooks_get_extra_uint(hooks_handle *handle, const char *name, uint64_t *value)
{
    return handle->api->get_extra_uint(handle, name, value);
}

/* Sets an extra argument, which Rust sees as a bool. */
static inline int hooks_set_extra_bool(hooks_handle *handle, const char *name, bool value)
{
    return handle->api->set_extra_bool(handle, name, value);
}

/* Gets an extra argument that is a bool. */
static inline int hooks_get_extra_bool(hooks_handle *handle, const char *name, bool *value)
{
    return handle->api->get_extra_bool(handle, name, value);
}

/* Sets an extra argument, which Rust sees as an f64. */
static inline int hooks_set_extra_double(hooks_handle *handle, const char *name, double value)
{
    return handle->api->set_extra_double(handle, name, value);
}

/* Gets an extra argument that is a floating-point number. */
static inline int hooks_get_extra_double(hooks_handle *handle, const char *name, double *value)
{
    return handle->api->get_extra_double(handle, name, value);
}

/* Sets an extra argument, which Rust sees as a String. */
static inline int hooks_set_extra_string(hooks_handle *handle, const char *name, const char *value)
{
    return handle->api->set_extra_string(handle, name, value);
}

/* Copies an extra argument that is a String. */
static inline int hooks_get_extra_string(hooks_handle *handle, const char *name, char *buffer, size_t size, size_t *length)
{
    return handle->api->get_extra_string(handle, name, buffer, size, length);
}

/* Deletes an extra argument of any type. */
static inline int hooks_delete_extra(hooks_handle *handle, const char *name)
{
    return handle->api->delete_extra(handle, name);
}

/* ---- The library's context in a request: pointers by name ---- */

/* Keeps a pointer until it is deleted or replaced or the request ends; then destroy (if it is not NULL) is
   called with it, perhaps on another thread. */
static inline int hooks_set_context(hooks_handle *handle, const char *name, void *value, hooks_destroy destroy)
{
    return handle->api->set_context(handle, name, value, destroy);
}

/* Gets a pointer of this library's. */
static inline int hooks_get_context(hooks_handle *handle, const char *name, void **value)
{
    return handle->api->get_context(handle, name, value);
}

/* Deletes a pointer of this library's. */
static inline int hooks_delete_context(hooks_handle *handle, const char *name)
{
    return handle->api->delete_context(handle, name);
}

/* ---- Parking ---- */

/* Takes a ticket for the request; set the status HOOKS_PARK as well. The request goes on when all of its
   tickets are resolved. */
static inline int hooks_park(hooks_handle *handle, hooks_ticket **ticket)
{
    return handle->api->park(handle, ticket);
}

/* Resolves a ticket: the request may go on. From any thread, once; the ticket is gone afterwards. */
static inline void hooks_resume(hooks_ticket *ticket)
{
    if (ticket == NULL) {
        return;
    }
    ticket->api->resume(ticket);
}

/* Resolves a ticket: the request is to be dropped. From any thread, once; the ticket is gone afterwards. */
static inline void hooks_drop_request(hooks_ticket *ticket)
{
    if (ticket == NULL) {
        return;
    }
    ticket->api->drop_request(ticket);
}

/* ---- The library ---- */

/* The library's name: that of its file, without lib and .so. */
static inline const char *hooks_library_name(hooks_library *library)
{
    return library->api->library_name(library);
}

/* What the configuration gives as its parameters: JSON, {} if there are none. */
static inline const char *hooks_library_parameters(hooks_library *library)
{
    return library->api->library_parameters(library);
}

/* The text of the last error on this thread; of use until the next error on it. */
static inline const char *hooks_library_last_error(hooks_library *library)
{
    return library->api->library_last_error(library);
}

/* Writes a line to the server's log, under the name of the library. */
static inline int hooks_library_log(hooks_library *library, int level, const char *message)
{
    return library->api->library_log(library, level, message);
}

/* Whether the server's log takes lines of this level. */
static inline int hooks_log_enabled(hooks_library *library, int level, bool *enabled)
{
    return library->api->log_enabled(library, level, enabled);
}

/* Attaches a function to a hook point, behind what the library has there; see the macro
   hooks_register_callout. */
static inline int hooks_register_callout_at(hooks_library *library, const char *hook, const char *name, hooks_callout function, const char *file, uint32_t line)
{
    return library->api->register_callout_at(library, hook, name, function, file, line);
}

/* Takes a function of this library off a hook point. */
static inline int hooks_deregister_callout(hooks_library *library, const char *hook, hooks_callout function)
{
    return library->api->deregister_callout(library, hook, function);
}

/* Takes all functions of this library off a hook point. */
static inline int hooks_deregister_all_callouts(hooks_library *library, const char *hook)
{
    return library->api->deregister_all_callouts(library, hook);
}

/* Has a function handle a command; see the macro hooks_register_command_callout. */
static inline int hooks_register_command_callout_at(hooks_library *library, const char *command, const char *name, hooks_callout function, const char *file, uint32_t line)
{
    return library->api->register_command_callout_at(library, command, name, function, file, line);
}

/* Has a function handle a command no longer. */
static inline int hooks_deregister_command_callout(hooks_library *library, const char *command, hooks_callout function)
{
    return library->api->deregister_command_callout(library, command, function);
}

/* Registers a hook point that the server or other libraries call by name; see the macro hooks_register_hook. */
static inline int hooks_register_hook_at(hooks_library *library, const char *name, const char *file, uint32_t line)
{
    return library->api->register_hook_at(library, name, file, line);
}

/* ---- Macros that say where they stand ---- */

/* Attaches a function to a hook point: hooks_register_callout(library, "pkt4_receive", my_function). */
#define hooks_register_callout(library, hook, function) \
    hooks_register_callout_at(library, hook, #function, function, __FILE__, __LINE__)

/* Has a function handle a command: hooks_register_command_callout(library, "lease4-get", my_function). */
#define hooks_register_command_callout(library, command, function) \
    hooks_register_command_callout_at(library, command, #function, function, __FILE__, __LINE__)

/* Registers a hook point: hooks_register_hook(library, "cache_flushed"). The same line may do it again. */
#define hooks_register_hook(library, name) hooks_register_hook_at(library, name, __FILE__, __LINE__)

#ifdef __cplusplus
}
#endif

#endif
