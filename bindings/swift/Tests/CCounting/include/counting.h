/* Counts what the running thread allocates, and how often it calls the library. Knows no test. */
#ifndef COUNTING_H
#define COUNTING_H

/* Of the running thread, since it began. */
typedef struct {
    long crossings;           /* calls of the library */
    long library_allocations; /* inside them */
    long allocations;         /* everywhere else */
} counting_counts;

counting_counts counting_now(void);

#endif
