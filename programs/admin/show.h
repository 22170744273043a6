/* show: the ways in which qmail-showctl tells what it knows. Text goes to buffer_1. */

#ifndef MAILTREE_SHOW_H
#define MAILTREE_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "control_check.h"
#include "control_dir.h"

/* As every qmail shows it, to the letter. */
void show_short(struct control_dir const *dir);

/* Every file with its meaning, its value, where that comes from, and what is wrong with it. */
void show_long(struct control_dir const *dir, struct findings const *findings);
void show_json(struct control_dir const *dir, struct findings const *findings);

/* One line for each problem. */
void show_problems(struct findings const *findings);

/* A line for each difference; false: there is none. What a file means counts: comments, the order of lines and a default that is
   written out do not. */
bool show_diff(struct control_dir const *here, struct control_dir const *there);

/* Text of an operator's file or a remote name, unprintable bytes as '?'. */
void show_text(char const *s, size_t len);
void show_string(char const *s);
void show_number(size_t n);

#endif
