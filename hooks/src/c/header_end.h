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
