/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl, loaded only to enrol: it brings thirty libraries, which no other command needs.
 */
#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/diag.h"

#define CURL_FUNCTIONS(X)    \
	X(curl_easy_init)    \
	X(curl_easy_setopt)  \
	X(curl_easy_perform) \
	X(curl_easy_getinfo) \
	X(curl_easy_cleanup) \
	X(curl_easy_reset) X(curl_easy_strerror) X(curl_slist_append) X(curl_slist_free_all) X(curl_version)

/* The library's functions, under their names. */
struct curl_library {
	void *handle;
#define CURL_DECLARE(name) __typeof__(name) *name;
	CURL_FUNCTIONS(CURL_DECLARE)
#undef CURL_DECLARE
};

/* False after an error in d: the library is not installed, or lacks a function. */
bool curl_open(struct curl_library *library, struct diag *d);
void curl_close(struct curl_library *library);
