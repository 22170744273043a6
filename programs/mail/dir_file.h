/* dir_file: small files in a domain's directory, which somebody else may write. No symbolic link is followed, and a file
   of another owner that has a second name elsewhere is not read: it would be shown to the domain. */

#ifndef MAILTREE_DIR_FILE_H
#define MAILTREE_DIR_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "replace.h"

/* For reading; -1 with errno, EPERM for what is no such file. */
int dir_file_open(int directory, char const *name);

/* Appends all of the file. 1; 0 when there is none; -1 with errno, EFBIG for more than max bytes. */
int dir_file_read(stralloc *to, int directory, char const *name, size_t max);

/* The same of a file that is open; to->len is as it was when it is false. */
bool dir_file_read_fd(stralloc *to, int fd, size_t max);

/* The mode of the file there, but nothing for others; 0600 when there is none. */
mode_t dir_file_mode(int directory, char const *name);

/* Gives what is written aside to the owner of the directory, when root writes it. */
bool dir_file_owner(struct replacement *r, int directory);

/* The file gets this text, with the owner of the directory and the mode it had; what is aside is called as name
   with ".new". False with errno. */
bool dir_file_write(int directory, char const *name, char const *s, size_t len);

#endif
