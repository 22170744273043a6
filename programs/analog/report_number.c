#include <stdio.h>

#include "report_number.h"
#include "text.h"

void report_number(stralloc *to, double number, int decimals)
{
  char text[400];       /* of any double */
  text_addb(to, text, (size_t)snprintf(text, sizeof text, "%.*f", decimals, number));
}
