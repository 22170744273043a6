#include <stdio.h>

#include "fixed.h"
#include "text.h"

void fixed_add(stralloc *to, double number, int decimals)
{
  char text[400];       /* of any double */
  text_addb(to, text, (size_t)snprintf(text, sizeof text, "%.*f", decimals, number));
}
