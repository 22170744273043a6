#include "sql_style.h"

struct sql_style const sql_style_mysql = { .quote = '`', .for_update = " FOR UPDATE", .begin = "START TRANSACTION" };

struct sql_style const sql_style_pgsql = {
  .quote = '"', .has_numbered_marks = true, .for_update = " FOR UPDATE", .begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
};

struct sql_style const sql_style_sqlite = { .quote = '"', .for_update = "", .begin = "BEGIN IMMEDIATE" };
