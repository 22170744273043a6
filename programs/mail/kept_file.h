/* kept_file: a file in a domain's directory that stays open for the next question about it. For a program that stays, and does
   not mind that the disk cannot be unmounted meanwhile.

   While it is open no other file has its number: so as long as the name leads to that number it is this file, however soon
   another one was there in between. What is written into it is read each time. */

#ifndef MAILTREE_KEPT_FILE_H
#define MAILTREE_KEPT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

struct kept_file {
  int fd;               /* -1: none */
  dev_t device;
  ino_t number;         /* 0: it is opened anew each time, as on the disk of another host (own_disk.h) */
};
#define KEPT_FILE_NONE { -1, 0, 0 }

/* As dir_file_open. The descriptor stays that of *k. */
int kept_file_open(struct kept_file *k, int directory, char const *name);

/* As dir_file_read. */
int kept_file_read(struct kept_file *k, stralloc *to, int directory, char const *name, size_t max);

/* Takes what is open, whatever it is, under its care. */
void kept_file_hold(struct kept_file *k, int fd);

/* Whether this is what is open. */
bool kept_file_is(struct kept_file const *k, struct stat const *st);

void kept_file_close(struct kept_file *k);

#endif
