/* What the torture goes through: every export, in every kind of store. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "operations.h"

typedef struct {
    const char *name;
    void (*run)(void);
    /* One of so many requests begins a failing run; 1: each. Of long scenarios in the short form. */
    uint64_t stride;
} scenario;

extern const scenario scenarios[];
extern const size_t scenario_count;

/* In a process that has not used the library. */
void first_use(void);

#endif
