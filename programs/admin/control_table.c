#include <string.h>

#include "control_table.h"

struct control_file const *control_file_of(char const *name)
{
  for (struct control_file const *f = control_files; f->name; f++)
    if (strcmp(f->name, name) == 0) return f;
  return 0;
}

static char const *const forms[] = {
  [FORM_LINE]   = "one line",
  [FORM_NUMBER] = "number",
  [FORM_NAMES]  = "list",
  [FORM_MAP]    = "map",
  [FORM_SECRETS] = "secrets",
  [FORM_TEXT]   = "text",
  [FORM_CDB]    = "cdb",
};

char const *control_form_text(enum control_form form)
{
  return forms[form];
}
