/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libxlsxwriter, loaded only to write a workbook: with its dependencies it would
 * take half of the start time of every command.
 */
#pragma once

#include <xlsxwriter.h>

#include "base/diag.h"

/* clang-format never comes to rest on this list. */
/* clang-format off */
#define XLSX_FUNCTIONS(X)                                                                                              \
	X(workbook_new_opt) X(workbook_set_properties) X(workbook_add_worksheet) X(workbook_add_format) X(workbook_close) \
	X(worksheet_set_column) X(worksheet_write_string) X(worksheet_write_number) X(worksheet_freeze_panes)           \
	X(worksheet_repeat_rows) X(worksheet_set_landscape) X(worksheet_set_paper) X(worksheet_fit_to_pages)            \
	X(worksheet_autofilter) X(format_set_bold) X(format_set_bg_color) X(format_set_bottom) X(format_set_align)      \
	X(format_set_num_format) X(format_set_text_wrap) X(format_set_border) X(worksheet_write_blank)                  \
	X(worksheet_set_margins) X(worksheet_set_header) X(lxw_strerror) X(lxw_version)
/* clang-format on */

/* The library's functions, under their names. */
struct xlsx_library {
	void *handle;
#define XLSX_DECLARE(name) __typeof__(name) *name;
	XLSX_FUNCTIONS(XLSX_DECLARE)
#undef XLSX_DECLARE
};

/* False after an error in d: the library is not installed, or lacks a function. */
bool xlsx_open(struct xlsx_library *library, struct diag *d);
void xlsx_close(struct xlsx_library *library);
