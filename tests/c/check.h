/* What the fixtures share: a check that fails returns its line from the callout, so that the log names it. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>

#include "hooks.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            return __LINE__; \
        } \
    } while (0)

/* An error with this number and this piece of text. */
#define CHECK_ERROR(handle, call, number, text) \
    do { \
        CHECK((call) == (number)); \
        CHECK(strstr(hooks_last_error(handle), (text)) != NULL); \
    } while (0)

#endif
