/*
 * Writes down when it is loaded and unloaded, and appends its NAME to the text of a packet. What it answers is
 * chosen when it is compiled: VERSION, THREADS, LOAD, UNLOAD.
 */
#include "check.h"

static int written(const char *what)
{
    FILE *file = fopen(JOURNAL, "a");
    if (file == NULL) {
        return -1;
    }
    fprintf(file, "%s %s\n", NAME, what);
    return fclose(file);
}

#ifdef VERSION
int version(void)
{
    return VERSION;
}
#endif

#ifdef THREADS
int multi_threading_compatible(void)
{
    written("threads");
    return THREADS;
}
#endif

int load(hooks_library *library)
{
    written("load");
    written(hooks_library_name(library));
    written(hooks_library_parameters(library));
    return LOAD;
}

int unload(void)
{
    written("unload");
    return UNLOAD;
}

int received(hooks_handle *handle)
{
    char text[100];
    size_t length;
    CHECK(strcmp(hooks_hook_name(handle), "received") == 0);
    CHECK(hooks_get_string(handle, "packet.text", text, sizeof text - sizeof NAME, &length) == HOOKS_OK);
    strcpy(text + length, NAME);
    return hooks_set_string(handle, "packet.text", text);
}
