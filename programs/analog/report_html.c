#include <string.h>

#include "fixed.h"
#include "html.h"
#include "moment.h"
#include "report_show.h"
#include "text.h"

/* Pixels of the drawing. */
enum { LEFT = 60, TOP = 10, WIDTH = 900, HEIGHT = 220, BELOW = 30, LABEL = 130, BAR = 120 };

static char const head[] =
  "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
  "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
  "<style>\n"
  "body { font: 15px/1.4 sans-serif; max-width: 1000px; margin: 1em auto; color: #222; background: #fff }\n"
  "h1 { font-size: 1.3em } h2 { font-size: 1.1em; margin: 1.5em 0 .3em }\n"
  "table { border-collapse: collapse } td, th { padding: .1em .8em .1em 0; text-align: right; font-weight: normal }\n"
  "th { color: #666 } td:last-child, th:last-child { text-align: left; overflow-wrap: anywhere }\n"
  "svg text { font-size: 11px; fill: #666 } .key { display: inline-block; width: .8em; height: .8em }\n"
  ".delivered { fill: #2a78b5; background: #2a78b5 } .deferred { fill: #e0a030; background: #e0a030 }\n"
  ".failed { fill: #c0392b; background: #c0392b }\n"
  "@media (max-width: 700px) { body { margin: 1em } td svg { display: none } }\n"
  "</style>\n";

/* From the bottom of a bar to its top. */
static enum report_slot_value const stacked[] = { SLOT_DELIVERED, SLOT_DEFERRED, SLOT_FAILED };
enum { STACKED = sizeof stacked / sizeof *stacked };

static void add_escaped(stralloc *to, char const *s)
{
  html_text(to, s, strlen(s));
}

/* " name=\"number\"" */
static void add_attribute(stralloc *to, char const *name, double number)
{
  text_addc(to, ' ');
  text_add(to, name);
  text_add(to, "=\"");
  fixed_add(to, number, 1);
  text_addc(to, '"');
}

static void add_head(stralloc *to, struct report const *r)
{
  stralloc title = STRALLOC_ZERO;
  text_add(&title, "Mail of ");
  add_escaped(&title, r->host);
  text_add(&title, " from ");
  moment_add(&title, r->since);
  text_add(&title, " to ");
  moment_add(&title, r->until);
  text_add(to, head);
  text_add(to, "<title>");
  text_addx(to, &title);
  text_add(to, "</title></head>\n<body><h1>");
  text_addx(to, &title);
  text_add(to, "</h1>\n");
  stralloc_free(&title);
}

static void add_totals(stralloc *to, struct report const *r)
{
  text_add(to, "<table>\n");
  for (enum report_total t = 0; t < TOTALS; t++) {
    text_add(to, "<tr><td>");
    text_addu(to, r->totals[t]);
    text_add(to, "</td><td>");
    add_escaped(to, report_totals[t].text);
    text_add(to, "</td></tr>\n");
  }
  text_add(to, "</table>\n");
}

static uint64_t height_of(uint64_t const slot[SLOT_VALUES])
{
  uint64_t all = 0;
  for (size_t i = 0; i < STACKED; i++) all += slot[stacked[i]];
  return all;
}

static uint64_t highest(struct report const *r)
{
  uint64_t most = 1;
  for (size_t i = 0; i < r->slots; i++)
    if (height_of(r->slot[i]) > most) most = height_of(r->slot[i]);
  return most;
}

/* What a browser shows when the pointer is on a bar. */
static void add_hint(stralloc *to, struct report const *r, size_t i)
{
  text_add(to, "<title>");
  moment_add(to, r->begin + (int64_t)i * r->step);
  for (enum report_slot_value v = 0; v < SLOT_VALUES; v++) {
    text_add(to, v ? ", " : ": ");
    text_addu(to, r->slot[i][v]);
    text_addc(to, ' ');
    add_escaped(to, report_slot_values[v].text);
  }
  text_add(to, "</title>");
}

static void add_bar(stralloc *to, struct report const *r, size_t i, double scale)
{
  double const wide = (double)WIDTH / (double)r->slots;
  double bottom = TOP + HEIGHT;
  text_add(to, "<g>");
  add_hint(to, r, i);
  for (size_t part = 0; part < STACKED; part++) {
    double high = (double)r->slot[i][stacked[part]] * scale;
    if (high <= 0) continue;
    bottom -= high;
    text_add(to, "<rect class=\"");
    text_add(to, report_slot_values[stacked[part]].name);
    text_addc(to, '"');
    add_attribute(to, "x", LEFT + (double)i * wide);
    add_attribute(to, "y", bottom);
    add_attribute(to, "width", wide > 3 ? wide - 1 : wide);
    add_attribute(to, "height", high);
    text_add(to, "/>");
  }
  text_add(to, "</g>\n");
}

static void add_line(stralloc *to, double y, double number)
{
  text_add(to, "<path stroke=\"#ccc\" d=\"M");
  fixed_add(to, LEFT, 0);
  text_addc(to, ' ');
  fixed_add(to, y, 1);
  text_add(to, "h");
  fixed_add(to, WIDTH, 0);
  text_add(to, "\"/><text text-anchor=\"end\"");
  add_attribute(to, "x", LEFT - 6);
  add_attribute(to, "y", y + 4);
  text_addc(to, '>');
  fixed_add(to, number, 0);
  text_add(to, "</text>\n");
}

/* Times below the bars, as many as there is room for. */
static void add_times(stralloc *to, struct report const *r)
{
  size_t const every = (r->slots * LABEL + WIDTH - 1) / WIDTH;
  for (size_t i = 0; i < r->slots; i += every ? every : 1) {
    text_add(to, "<text");
    add_attribute(to, "x", LEFT + (double)i * WIDTH / (double)r->slots);
    add_attribute(to, "y", TOP + HEIGHT + 18);
    text_addc(to, '>');
    moment_add(to, r->begin + (int64_t)i * r->step);
    text_add(to, "</text>\n");
  }
}

static void add_key(stralloc *to)
{
  text_add(to, "<p>");
  for (size_t part = 0; part < STACKED; part++) {
    text_add(to, "<span class=\"key ");
    text_add(to, report_slot_values[stacked[part]].name);
    text_add(to, "\"></span> ");
    add_escaped(to, report_slot_values[stacked[part]].text);
    text_addc(to, ' ');
  }
  text_add(to, "</p>\n");
}

static void add_drawing(stralloc *to, struct report const *r)
{
  uint64_t most = highest(r);
  text_add(to, "<h2>Attempts to deliver</h2>\n");
  add_key(to);
  text_add(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"Attempts to deliver\" viewBox=\"0 0 ");
  fixed_add(to, LEFT + WIDTH + 10, 0);
  text_addc(to, ' ');
  fixed_add(to, TOP + HEIGHT + BELOW, 0);
  text_add(to, "\">\n");
  add_line(to, TOP, (double)most);
  add_line(to, TOP + HEIGHT, 0);
  for (size_t i = 0; i < r->slots; i++) add_bar(to, r, i, HEIGHT / (double)most);
  add_times(to, r);
  text_add(to, "</svg>\n");
}

static void add_cell(stralloc *to, char const *tag, char const *text)
{
  text_addc(to, '<');
  text_add(to, tag);
  text_addc(to, '>');
  add_escaped(to, text);
  text_add(to, "</");
  text_add(to, tag);
  text_addc(to, '>');
}

/* The first column as a bar, as long as it is beside the longest. */
static void add_small_bar(stralloc *to, double number, double most)
{
  text_add(to, "<td><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"120\" height=\"10\"><rect class=\"delivered\"");
  add_attribute(to, "width", most > 0 ? BAR * number / most : 0);
  text_add(to, " height=\"10\"/></svg></td>");
}

static void add_row(stralloc *to, struct report_part_kind const *kind, struct tally_row const *row, double most)
{
  text_add(to, "<tr>");
  for (struct report_column const *c = kind->columns; c < kind->columns + REPORT_COLUMNS && c->of; c++) {
    text_add(to, "<td>");
    fixed_add(to, c->of(&row->sums), c->decimals);
    text_add(to, "</td>");
  }
  add_small_bar(to, kind->columns[0].of(&row->sums), most);
  text_add(to, "<td>");
  html_text(to, row->name.s, row->name.len);
  text_add(to, "</td></tr>\n");
}

static void add_part(stralloc *to, struct report const *r, enum report_part part)
{
  struct report_part_kind const *kind = &report_parts[part];
  struct tally_row const *top[REPORT_TOP];
  size_t count = report_top(top, r, part);
  if (!count) return;
  add_cell(to, "h2", kind->word.text);
  text_add(to, "\n<table><tr>");
  for (struct report_column const *c = kind->columns; c < kind->columns + REPORT_COLUMNS && c->of; c++)
    add_cell(to, "th", c->word.text);
  text_add(to, "<th></th>");
  add_cell(to, "th", kind->row);
  text_add(to, "</tr>\n");
  double most = kind->columns[0].of(&top[0]->sums);
  for (size_t i = 0; i < count; i++) add_row(to, kind, top[i], most);
  text_add(to, "</table>\n");
}

void report_html(stralloc *to, struct report const *r)
{
  add_head(to, r);
  add_totals(to, r);
  add_drawing(to, r);
  for (enum report_part part = 0; part < PARTS; part++) add_part(to, r, part);
  text_add(to, "</body></html>\n");
}
