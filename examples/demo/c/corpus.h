/* Many files, in and out of a store in batches. Knows how the store is used, and nothing of what starts it. */
#ifndef CORPUS_H
#define CORPUS_H

#include <bytestore.h>

/* The files of a manifest, and what storing them took. Seconds cover the store's calls only. */
typedef struct corpus corpus;

/* Reads the manifest. The store must outlive the corpus. */
corpus *corpus_open(bytestore_store *store, const char *manifest);
void corpus_close(corpus *files);

/* Stores all files, each under its path. */
void corpus_fill(corpus *files);

/* Reads all files from the store and writes down their hashes, in `directory`/sha256. */
void corpus_read_back(corpus *files, const char *directory);

/* Counts the keys with a prefix. */
void corpus_count(corpus *files, const char *prefix);

/* Prints all figures as JSON. */
void corpus_print_result(const corpus *files);

#endif
