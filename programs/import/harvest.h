/* harvest: what the configuration of another mail system says, in the words of ours, and what has no words here. */

#ifndef MAILTREE_IMPORT_HARVEST_H
#define MAILTREE_IMPORT_HARVEST_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* The files it is for. */
enum harvest_file {
  HARVEST_ME, HARVEST_DEFAULTHOST, HARVEST_DEFAULTDOMAIN, HARVEST_HELOHOST, HARVEST_OUTGOINGIP, HARVEST_DATABYTES,
  HARVEST_QUEUELIFETIME, HARVEST_QUEUEWARNING, HARVEST_BREAKCHARS, HARVEST_DEFAULTDELIVERY, HARVEST_BOUNCECOPYTO,
  HARVEST_LOCALS, HARVEST_RCPTHOSTS, HARVEST_BADMAILFROM, HARVEST_BADRCPTTO, HARVEST_QUEUEEXTRA, HARVEST_VALIDRCPTTO,
  HARVEST_VIRTUALDOMAINS, HARVEST_SMTPROUTES, HARVEST_GENERICFROM, HARVEST_MOVED, HARVEST_PRIMARY,
  HARVEST_VIRTUAL,              /* users/virtual, of which setforward makes a table */
  HARVEST_RULES,                /* /etc/tcp.smtp */
  HARVEST_FILES
};

enum harvest_kind {
  HARVEST_ONE,                  /* one line */
  HARVEST_LIST,                 /* lines, each once */
  HARVEST_MAP                   /* lines name:value, each name once, the first one counts */
};

struct harvest_target { char const *path; enum harvest_kind kind; };    /* the path is from HOME */
extern struct harvest_target const harvest_targets[HARVEST_FILES];

/* Where in the files of the other system something stands. */
struct harvest_place { char const *path; size_t line; };

struct harvest {
  stralloc text[HARVEST_FILES];
  void *names[HARVEST_FILES];   /* trees of what is there */
  void *alias_lines;            /* likewise, of /etc/aliases */
  stralloc aliases;             /* lines of /etc/aliases, as they are to be; has_aliases */
  bool has_aliases;
  stralloc includes;            /* files of lists, each ended by a NUL, of which newinclude makes tables */
  stralloc alias_files;         /* names of files in ~alias and their texts, each ended by a NUL */
  stralloc alias_names;         /* names that have a line in /etc/aliases, each ended by a NUL */
  stralloc left;                /* lines of what could not be carried over */
};

/* A line of the file, or of a map its name and value. What cannot stand in such a line is left out, and told. */
void harvest_put(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field line);
void harvest_map(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field name, struct field value);

/* The same where the name may have a value already, which goes. */
void harvest_map_again(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field name, struct field value);

/* A file in ~alias; once. */
void harvest_alias_file(struct harvest *h, char const *name, char const *text);

/* "PATH:LINE: WHAT: INSTEAD". Without a line number where that is 0. */
void harvest_leave(struct harvest *h, struct harvest_place from, struct field what, char const *instead);

#endif
