/* What the library has under --cfg bytestore_faults beside bytestore.h: src/faults.rs. */
#ifndef FAULTS_H
#define FAULTS_H

#include <bytestore.h>

enum faults_mode { FAIL_NEVER, FAIL_ONCE, FAIL_FOR_EVER, FAIL_EVERY_SECOND, FAIL_RANDOM, FAIL_MODES };

enum faults_count { REQUESTS, FAILED, BLOCKS, BYTES, MAPPED };

/* From the `first` request for memory on, counted from now, those of a mode fail. Paused until it goes on. */
void bytestore_faults_arm(uint32_t mode, uint64_t first, uint64_t seed);
/* Only requests of the thread that let it go on are counted and fail, and none while it is paused. */
void bytestore_faults_pause(uint32_t paused);
uint64_t bytestore_faults_count(uint32_t what);
/* The next export that is called panics. */
void bytestore_faults_panic(void);
/* Compares what a store counts with what is there. */
bytestore_status bytestore_faults_check(bytestore_store *store);

#endif
