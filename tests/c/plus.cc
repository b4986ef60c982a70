// The header as C++ sees it.
#include <string>

#include "check.h"

extern "C" int version() {
    return HOOKS_VERSION;
}

extern "C" int multi_threading_compatible() {
    return 1;
}

extern "C" int received(hooks_handle* handle) {
    std::size_t length = 0;
    CHECK(hooks_get_string(handle, "packet.text", nullptr, 0, &length) == HOOKS_OK);
    std::string text(length + 1, '\0');
    CHECK(hooks_get_string(handle, "packet.text", &text[0], text.size(), nullptr) == HOOKS_OK);
    text.resize(length);
    text += "++";
    return hooks_set_string(handle, "packet.text", text.c_str());
}
