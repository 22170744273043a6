/* line_program: the small programs that stand in lines of .qmail files: bouncesaying, condredirect, except, forward, preline.

   bin has a program for each; who delivers and has forked need not start it. */

#ifndef MAILTREE_LINE_PROGRAM_H
#define MAILTREE_LINE_PROGRAM_H

typedef int line_program(int argc, char const *const *argv);

/* Each is the program's main: what it returns, or ends with, is the exit code. */
line_program line_bouncesaying, line_condredirect, line_except, line_forward, line_preline;

/* The program that would be started for these words, if it is ours: in PATH none of that name stands before it. Null
   where that is not sure. */
line_program *line_program_for(char const *const *words);

#endif
