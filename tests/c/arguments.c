/* Reads and writes arguments of every kind, and makes every mistake with them. */
#include "check.h"

int version(void)
{
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}

/* Each reads what the server has put there. */
int shape_read(hooks_handle *handle)
{
    char text[40];
    uint8_t bytes[8];
    size_t length;
    int64_t number;
    uint64_t natural;
    uint32_t letter;
    double ratio;
    bool flag;

    CHECK(hooks_argument_name(handle, 0, text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "shape") == 0);
    CHECK_ERROR(handle, hooks_argument_name(handle, 6, text, sizeof text, NULL), HOOKS_ERROR_NOT_FOUND, "6 arguments");
    CHECK(hooks_type_name(handle, "shape", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "Shape") == 0);
    CHECK(hooks_type_name(handle, "shape.bytes", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "Vec<u8>") == 0);
    CHECK(hooks_type_name(handle, "maybe", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "Option<String>") == 0);
    CHECK(hooks_type_name(handle, "shape.mac", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "[u8; 6]") == 0);
    CHECK(hooks_field_name(handle, "shape", 0, text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "tiny") == 0);
    CHECK_ERROR(handle, hooks_field_name(handle, "flag", 0, text, sizeof text, NULL), HOOKS_ERROR_NOT_FOUND, "0 fields");

    CHECK(hooks_get_int(handle, "shape.tiny", &number) == HOOKS_OK && number == -7);
    CHECK(hooks_get_uint(handle, "shape.huge", &natural) == HOOKS_OK && natural == UINT64_MAX);
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.huge", &number), HOOKS_ERROR_RANGE, "18446744073709551615");
    CHECK_ERROR(handle, hooks_get_uint(handle, "shape.tiny", &natural), HOOKS_ERROR_RANGE, "-7 does not fit");
    CHECK(hooks_get_bool(handle, "flag", &flag) == HOOKS_OK && flag);
    CHECK(hooks_get_char(handle, "letter", &letter) == HOOKS_OK && letter == 0xe9);
    CHECK(hooks_get_double(handle, "ratio", &ratio) == HOOKS_OK && ratio == 0.5);
    CHECK(hooks_get_double(handle, "shape.narrow", &ratio) == HOOKS_OK && ratio == 0.25);

    CHECK(hooks_get_string(handle, "shape.name", text, sizeof text, &length) == HOOKS_OK);
    CHECK(length == 5 && strcmp(text, "caf\xc3\xa9") == 0);
    CHECK(hooks_get_string(handle, "shape.address", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "192.0.2.1") == 0);
    CHECK(hooks_get_string(handle, "shape.kind", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "Round") == 0);
    CHECK(hooks_get_int(handle, "shape.kind", &number) == HOOKS_OK && number == 7);
    CHECK(hooks_get_bytes(handle, "shape.bytes", bytes, sizeof bytes, &length) == HOOKS_OK);
    CHECK(length == 3 && bytes[0] == 1 && bytes[2] == 3);
    CHECK(hooks_get_bytes(handle, "shape.mac", bytes, sizeof bytes, &length) == HOOKS_OK && length == 6 && bytes[5] == 0x66);
    CHECK(hooks_get_int(handle, "shape.mac[5]", &number) == HOOKS_OK && number == 0x66);
    CHECK(hooks_get_length(handle, "shape.parts", &length) == HOOKS_OK && length == 2);
    CHECK(hooks_get_string(handle, "shape.parts[1].label", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "two") == 0);
    CHECK(hooks_get_int(handle, "shape.pair.1", &number) == HOOKS_OK && number == 9);

    CHECK(hooks_is_present(handle, "maybe", &flag) == HOOKS_OK && !flag);
    CHECK(hooks_is_present(handle, "shape.tiny", &flag) == HOOKS_OK && flag);
    CHECK(hooks_is_writable(handle, "shape.tiny", &flag) == HOOKS_OK && flag);
    CHECK(hooks_is_writable(handle, "kept.tiny", &flag) == HOOKS_OK && !flag);

    /* Private fields can be looked at. */
    CHECK(hooks_get_int(handle, "shape.seal.first", &number) == HOOKS_OK && number == 1);
    CHECK(hooks_get_string(handle, "shape.seal.names[0]", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "ann") == 0);
    CHECK(hooks_is_writable(handle, "shape.seal", &flag) == HOOKS_OK && flag);
    CHECK(hooks_is_writable(handle, "shape.seal.second", &flag) == HOOKS_OK && !flag);
    CHECK(hooks_is_writable(handle, "shape.hidden[0].size", &flag) == HOOKS_OK && !flag);
    CHECK(hooks_get_int(handle, "shape.packed.small", &number) == HOOKS_OK && number == 1);
    CHECK(hooks_type_name(handle, "shape.tree.branches", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "Vec<Tree>") == 0);
    return 0;
}

/* Each changes what the server then looks at. */
int shape_write(hooks_handle *handle)
{
    static const uint8_t bytes[] = {9, 8, 7, 6, 5, 4};
    CHECK(hooks_set_int(handle, "shape.tiny", -8) == HOOKS_OK);
    CHECK(hooks_set_uint(handle, "shape.huge", UINT64_MAX - 1) == HOOKS_OK);
    CHECK(hooks_set_double(handle, "shape.narrow", 1.5) == HOOKS_OK);
    CHECK(hooks_set_string(handle, "shape.name", "written in C") == HOOKS_OK);
    CHECK(hooks_set_string(handle, "shape.address", "192.0.2.99") == HOOKS_OK);
    CHECK(hooks_set_bytes(handle, "shape.bytes", bytes, 2) == HOOKS_OK);
    CHECK(hooks_set_bytes(handle, "shape.mac", bytes, 6) == HOOKS_OK);
    CHECK(hooks_set_string(handle, "shape.parts[0].label", "uno") == HOOKS_OK);
    CHECK(hooks_clear_value(handle, "shape.parts[1].label") == HOOKS_OK);
    CHECK(hooks_set_bool(handle, "shape.done", true) == HOOKS_OK);
    CHECK(hooks_set_char(handle, "shape.sign", 0x1f980) == HOOKS_OK);
    CHECK(hooks_set_int(handle, "shape.perhaps", 5) == HOOKS_OK);
    CHECK(hooks_set_string(handle, "maybe", "now") == HOOKS_OK);
    CHECK(hooks_set_string(handle, "shape.tree.label", "root") == HOOKS_OK);
    CHECK(hooks_set_int(handle, "shape.packed.small", 7) == HOOKS_OK);
    return 0;
}

/* None of these does anything. */
int shape_wrong(hooks_handle *handle)
{
    static const uint8_t bytes[5] = {0};
    char text[3];
    size_t length = 0;
    int64_t number;
    bool flag;
    CHECK_ERROR(handle, hooks_get_int(handle, "shap", &number), HOOKS_ERROR_NOT_FOUND, "it has: shape, kept, flag");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.tinny", &number), HOOKS_ERROR_NOT_FOUND, "it has: tiny, huge");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.parts[2].size", &number), HOOKS_ERROR_NOT_FOUND, "it has 2");
    CHECK_ERROR(handle, hooks_get_int(handle, "flag[0]", &number), HOOKS_ERROR_TYPE, "`flag`: it is a `bool`");
    CHECK_ERROR(handle, hooks_get_int(handle, "flag.x", &number), HOOKS_ERROR_NOT_FOUND, "none that C can reach");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.name", &number), HOOKS_ERROR_TYPE, "`shape.name`: it is a `String`");
    CHECK_ERROR(handle, hooks_get_bool(handle, "shape.tiny", &flag), HOOKS_ERROR_TYPE, "expected a bool");
    CHECK_ERROR(handle, hooks_get_string(handle, "maybe", text, sizeof text, NULL), HOOKS_ERROR_NOT_FOUND, "absent");
    CHECK_ERROR(handle, hooks_get_string(handle, "shape.name", text, sizeof text, &length), HOOKS_ERROR_SIZE, "6 are needed");
    CHECK(length == 5);
    CHECK(hooks_get_string(handle, "shape.name", NULL, 0, &length) == HOOKS_OK && length == 5);
    CHECK_ERROR(handle, hooks_get_int(handle, "", &number), HOOKS_ERROR_INVALID, "does not begin");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape..tiny", &number), HOOKS_ERROR_INVALID, "no name after");
    CHECK_ERROR(handle, hooks_get_int(handle, NULL, &number), HOOKS_ERROR_INVALID, "the path is NULL");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.tiny", NULL), HOOKS_ERROR_INVALID, "is NULL");
    CHECK_ERROR(handle, hooks_get_int(handle, "\xff", &number), HOOKS_ERROR_INVALID, "not UTF-8");

    CHECK_ERROR(handle, hooks_set_int(handle, "kept.tiny", 1), HOOKS_ERROR_READ_ONLY, "read-only");
    CHECK_ERROR(handle, hooks_set_bool(handle, "flag", false), HOOKS_ERROR_READ_ONLY, "read-only");
    CHECK_ERROR(handle, hooks_clear_value(handle, "kept.name"), HOOKS_ERROR_READ_ONLY, "read-only");
    CHECK_ERROR(handle, hooks_set_int(handle, "shape.seal.first", 9), HOOKS_ERROR_READ_ONLY, "the field `first` is not `pub`");
    CHECK_ERROR(handle, hooks_clear_value(handle, "shape.seal.second"), HOOKS_ERROR_READ_ONLY, "the field `second`");
    CHECK_ERROR(handle, hooks_clear_value(handle, "shape.seal.names"), HOOKS_ERROR_READ_ONLY, "the field `names`");
    CHECK_ERROR(handle, hooks_set_string(handle, "shape.seal.names[0]", "x"), HOOKS_ERROR_READ_ONLY, "the field `names`");
    CHECK_ERROR(handle, hooks_set_int(handle, "shape.hidden[0].size", 1), HOOKS_ERROR_READ_ONLY, "the field `hidden`");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.packed.wide", &number), HOOKS_ERROR_TYPE, "is packed");
    CHECK_ERROR(handle, hooks_set_int(handle, "shape.packed.wide", 1), HOOKS_ERROR_TYPE, "is packed");
    /* Of a type that contains itself the host knows the first one only. */
    CHECK_ERROR(handle, hooks_clear_value(handle, "shape.tree.branches"), HOOKS_ERROR_TYPE, "Vec<Tree>");
    CHECK_ERROR(handle, hooks_clear_value(handle, "shape.tree.gaps[0]"), HOOKS_ERROR_TYPE, "Vec<Option<Tree>>");
    CHECK_ERROR(handle, hooks_is_present(handle, "shape.tree.gaps[1]", &flag), HOOKS_ERROR_TYPE, "Vec<Option<Tree>>");
    CHECK_ERROR(handle, hooks_clear_value(handle, "shape.tree.parent"), HOOKS_ERROR_TYPE, "Option<Box<Tree>>");
    CHECK_ERROR(handle, hooks_set_int(handle, "shape.parts[18446744073709551615].size", 1), HOOKS_ERROR_NOT_FOUND, "no element");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.mac[6]", &number), HOOKS_ERROR_NOT_FOUND, "no element 6; it has 6");
    CHECK_ERROR(handle, hooks_get_int(handle, "shape.mac[0][0]", &number), HOOKS_ERROR_TYPE, "`u8`");
    CHECK_ERROR(handle, hooks_set_int(handle, "shape.tiny", 128), HOOKS_ERROR_RANGE, "128 does not fit a `i8`");
    CHECK_ERROR(handle, hooks_set_char(handle, "shape.sign", 0xd800), HOOKS_ERROR_RANGE, "no Unicode character");
    CHECK_ERROR(handle, hooks_set_string(handle, "shape.address", "nowhere"), HOOKS_ERROR_INVALID, "nowhere");
    CHECK_ERROR(handle, hooks_set_string(handle, "shape.kind", "Square"), HOOKS_ERROR_TYPE, "`Kind`");
    CHECK_ERROR(handle, hooks_set_string(handle, "shape.name", "\xff"), HOOKS_ERROR_INVALID, "the value is not UTF-8");
    CHECK_ERROR(handle, hooks_set_bytes(handle, "shape.mac", bytes, 5), HOOKS_ERROR_RANGE, "5 bytes do not fit");
    CHECK_ERROR(handle, hooks_set_bytes(handle, "shape.bytes", NULL, 5), HOOKS_ERROR_INVALID, "no 5 bytes");
    CHECK_ERROR(handle, hooks_clear_value(handle, "shape.tiny"), HOOKS_ERROR_TYPE, "`i8`");
    CHECK_ERROR(handle, hooks_set_int(handle, "maybe", 5), HOOKS_ERROR_TYPE, "String");
    CHECK_ERROR(handle, hooks_set_string(handle, "shape.perhaps", "5"), HOOKS_ERROR_TYPE, "Option<u32>");
    CHECK_ERROR(handle, hooks_set_status(handle, HOOKS_PARK), HOOKS_ERROR_REFUSED, "honours only");
    CHECK_ERROR(handle, hooks_set_status(handle, 17), HOOKS_ERROR_INVALID, "no status 17");
    CHECK_ERROR(handle, hooks_log(handle, 0, "x"), HOOKS_ERROR_INVALID, "no log level 0");
    return 0;
}
