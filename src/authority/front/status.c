/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/status.h"

const struct http_status http_statuses[N_STATUSES] = {
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

size_t status_place(unsigned number)
{
	size_t i = 0;
	while (i < N_STATUSES && http_statuses[i].number != number)
		i++;
	return i;
}

const char *status_reason(unsigned number)
{
	size_t i = status_place(number);
	return i < N_STATUSES ? http_statuses[i].reason : "Unknown";
}
