/* Runs every conformance case on the C ABI: conformance [--short] FILE…. Knows how to find and count them, and no step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static const way ways[] = {
    {"slices, pages of 1024", false, false, 0},
    {"packed, pages of 1", true, true, 1},
    {"packed keys, pages of 3", true, false, 3},
    {"packed values, pages of 1000", false, true, 1000},
};

static jmp_buf failed;
static char reason[1000];
static struct block {
    struct block *next;
} *kept;

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    longjmp(failed, 1);
}

void *keep(size_t size) {
    struct block *block = malloc(sizeof *block + size);
    if (block == NULL) {
        fail("out of memory");
    }
    block->next = kept;
    kept = block;
    return block + 1;
}

static void free_kept(void) {
    while (kept != NULL) {
        struct block *next = kept->next;
        free(kept);
        kept = next;
    }
}

/* The name stands in what fails; a case without one says so. */
static const char *name_of(const cJSON *test) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(test, "name"));
    return name == NULL ? "(a case without a name)" : name;
}

static bool passes(const cJSON *test, const way *chosen) {
    static const char *const fields[] = {"name", "steps"};
    volatile size_t number = 0;
    volatile bool good = false;
    if (setjmp(failed) == 0) {
        only_fields(test, fields, 2);
        const cJSON *steps = field(test, "steps"), *step;
        text_of(field(test, "name"));
        if (!cJSON_IsArray(steps) || cJSON_GetArraySize(steps) == 0) {
            fail("no list of steps");
        }
        begin_case(chosen);
        cJSON_ArrayForEach(step, steps) {
            number = number + 1;
            run_step(step);
        }
        good = true;
    } else {
        printf("FAILED  %s (%s): step %zu: %s\n", name_of(test), chosen->name, number, reason);
    }
    end_case();
    free_kept();
    return good;
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        text = calloc(1, (size_t)size + 1);
        if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
            free(text);
            text = NULL;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

/* A file that cannot be read ends the run: nobody can count its cases. */
static cJSON *parse_file(const char *path) {
    char *text = read_file(path);
    cJSON *document = text == NULL ? NULL : cJSON_ParseWithOpts(text, NULL, true);
    free(text);
    if (document == NULL || cJSON_GetArraySize(document) != 1 ||
        !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(document, "cases"))) {
        fprintf(stderr, "%s: not a file of cases\n", path);
        exit(EXIT_FAILURE);
    }
    return document;
}

int main(int argc, char **argv) {
    const bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0; /* under slow tools: two ways */
    const size_t way_count = is_short ? 2 : sizeof ways / sizeof ways[0];
    size_t passed = 0, count = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1 + is_short; i < argc; i++) {
        cJSON *document = parse_file(argv[i]);
        const cJSON *test;
        cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(document, "cases")) {
            bool good = true;
            for (size_t w = 0; w < way_count && good; w++) {
                good = passes(test, &ways[w]);
            }
            count++;
            passed += good;
        }
        cJSON_Delete(document);
    }
    printf("conformance: %zu passed, %zu failed\n", passed, count - passed);
    return count > 0 && passed == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
