/* maild_line: the words of a line that vpopmaild is sent. Pure. */

#ifndef MAILTREE_VDOMAINS_MAILD_LINE_H
#define MAILTREE_VDOMAINS_MAILD_LINE_H

/* Ends the first word of a line where it stands. What is behind its blank, as it is: perhaps nothing. */
char *maild_line_cut(char *line);

/* Cuts words in place; the last of most takes the rest of the line with its blanks. How many there are. */
int maild_line_words(char **words, char *line, int most);

#endif
