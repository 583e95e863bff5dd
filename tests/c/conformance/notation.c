/* How the cases write bytes and lists. Knows no step and no store. */
#include <stdio.h>
#include <string.h>

#include "harness.h"

void only_fields(const cJSON *object, const char *const *known, size_t count) {
    const cJSON *item;
    if (!cJSON_IsObject(object)) {
        fail("not an object");
    }
    cJSON_ArrayForEach(item, object) {
        size_t i = 0;
        while (i < count && strcmp(known[i], item->string) != 0) {
            i++;
        }
        if (i == count) {
            fail("unknown field %s", item->string);
        }
    }
}

const cJSON *field(const cJSON *object, const char *name) {
    const cJSON *form = cJSON_GetObjectItemCaseSensitive(object, name);
    if (form == NULL) {
        fail("no field %s", name);
    }
    return form;
}

const char *text_of(const cJSON *form) {
    if (!cJSON_IsString(form)) {
        fail("not a string");
    }
    return form->valuestring;
}

static uint64_t whole_number(const cJSON *form, double most) {
    if (!cJSON_IsNumber(form) || form->valuedouble < 0 || form->valuedouble > most ||
        form->valuedouble != (double)(uint64_t)form->valuedouble) {
        fail("not a whole number from 0 to %.0f", most);
    }
    return (uint64_t)form->valuedouble;
}

size_t number_of(const cJSON *form) { return (size_t)whole_number(form, 1e9); }

/* JSON's numbers are doubles here: beyond 2^53 some are missing. */
uint64_t long_number_of(const cJSON *form) { return whole_number(form, 9007199254740992); }

static unsigned digit(char c) {
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned)(c - 'A' + 10);
    }
    fail("%% without two digits, capitals above 9");
}

static bytestore_slice percent_decoded(const char *text) {
    uint8_t *bytes = keep(strlen(text) + 1); /* never NULL: an empty item is not missing */
    size_t len = 0;
    for (; *text != '\0'; text++) {
        if (*text == '%') {
            bytes[len++] = (uint8_t)(digit(text[1]) << 4 | digit(text[2]));
            text += 2;
        } else {
            bytes[len++] = (uint8_t)*text;
        }
    }
    return (bytestore_slice){bytes, len};
}

bytestore_slice bytes_of(const cJSON *form) {
    static const char *const fields[] = {"repeat", "times"};
    if (cJSON_IsString(form)) {
        return percent_decoded(form->valuestring);
    }
    only_fields(form, fields, 2);
    const bytestore_slice part = bytes_of(field(form, "repeat"));
    const size_t times = number_of(field(form, "times"));
    uint8_t *bytes = keep(part.len * times + 1);
    for (size_t i = 0; i < times; i++) {
        memcpy(bytes + i * part.len, part.ptr, part.len);
    }
    return (bytestore_slice){bytes, part.len * times};
}

static list new_list(size_t count) { return (list){keep(count * sizeof(bytestore_slice) + 1), count}; }

/* The pattern with every {i} replaced by the number. */
static bytestore_slice numbered(const char *pattern, size_t number) {
    static const char mark[] = "{i}";
    char digits[24];
    const size_t width = (size_t)snprintf(digits, sizeof digits, "%06zu", number);
    char *text = keep(strlen(pattern) / 3 * width + strlen(pattern) + 1), *end = text;
    for (const char *next; (next = strstr(pattern, mark)) != NULL; pattern = next + 3) {
        const size_t len = (size_t)(next - pattern);
        memcpy(end, pattern, len);
        memcpy(end + len, digits, width);
        end += len + width;
    }
    strcpy(end, pattern);
    return percent_decoded(text);
}

static size_t number_or(const cJSON *object, const char *name, size_t otherwise) {
    const cJSON *form = cJSON_GetObjectItemCaseSensitive(object, name);
    return form == NULL ? otherwise : number_of(form);
}

static list array_of(const cJSON *form, bool may_be_missing) {
    list result = new_list((size_t)cJSON_GetArraySize(form));
    bytestore_slice *next = result.items;
    const cJSON *item;
    cJSON_ArrayForEach(item, form) {
        *next++ = may_be_missing && cJSON_IsNull(item) ? (bytestore_slice){NULL, 0} : bytes_of(item);
    }
    return result;
}

list list_of(const cJSON *form) {
    static const char *const fields[] = {"count", "pattern", "start", "step"};
    if (cJSON_IsArray(form)) {
        return array_of(form, false);
    }
    only_fields(form, fields, 4);
    list result = new_list(number_of(field(form, "count")));
    const size_t start = number_or(form, "start", 0), step = number_or(form, "step", 1);
    const char *pattern = text_of(field(form, "pattern"));
    for (size_t i = 0; i < result.count; i++) {
        result.items[i] = numbered(pattern, start + i * step);
    }
    return result;
}

list answers_of(const cJSON *form) { return cJSON_IsArray(form) ? array_of(form, true) : list_of(form); }

static pairs array_of_pairs(const cJSON *form) {
    const size_t count = (size_t)cJSON_GetArraySize(form);
    pairs result = {new_list(count), new_list(count)};
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, form) {
        if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2) {
            fail("not a pair");
        }
        result.keys.items[i] = bytes_of(item->child);
        result.values.items[i++] = bytes_of(item->child->next);
    }
    return result;
}

pairs pairs_of(const cJSON *form) {
    static const char *const fields[] = {"keys", "values", "value"};
    if (cJSON_IsArray(form)) {
        return array_of_pairs(form);
    }
    only_fields(form, fields, 3);
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(form, "values");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(form, "value");
    if ((values == NULL) == (value == NULL)) {
        fail("either values or a value");
    }
    pairs result = {list_of(field(form, "keys")), {NULL, 0}};
    if (values != NULL) {
        result.values = list_of(values);
    } else {
        const bytestore_slice same = bytes_of(value);
        result.values = new_list(result.keys.count);
        for (size_t i = 0; i < result.keys.count; i++) {
            /* Each its own copy, as the step may scribble over them. */
            uint8_t *bytes = keep(same.len + 1);
            memcpy(bytes, same.ptr, same.len);
            result.values.items[i] = (bytestore_slice){bytes, same.len};
        }
    }
    if (result.values.count != result.keys.count) {
        fail("%zu keys, %zu values", result.keys.count, result.values.count);
    }
    return result;
}

bool same_bytes(bytestore_slice a, bytestore_slice b) {
    return (a.ptr == NULL) == (b.ptr == NULL) && a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

const char *readable(bytestore_slice bytes) {
    enum { LONGEST = 60 };
    static char text[4 * LONGEST + 8];
    char *end = text;
    if (bytes.ptr == NULL) {
        return "missing";
    }
    *end++ = '"';
    for (size_t i = 0; i < bytes.len && i < LONGEST; i++) {
        if (bytes.ptr[i] >= ' ' && bytes.ptr[i] < 127) {
            *end++ = (char)bytes.ptr[i];
        } else {
            end += sprintf(end, "%%%02X", bytes.ptr[i]);
        }
    }
    strcpy(end, bytes.len > LONGEST ? "…\"" : "\"");
    return text;
}
