/* Defines no `version`; that of the library that it is linked to is not its own. */
#include "check.h"

int version(void);

int load(hooks_library *library)
{
    (void)library;
    return version();
}
