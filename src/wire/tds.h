/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first exchange with SQL Server (MS-TDS 2.2.6.5, PRELOGIN) and the SQL Server
 * Browser's datagrams (MC-SQLR 2.2).
 */
#pragma once

#include "wire/bytes.h"

enum tds_encryption { TDS_ENCRYPT_OFF, TDS_ENCRYPT_ON, TDS_ENCRYPT_NOT_SUPPORTED, TDS_ENCRYPT_REQUIRED };

void tds_put_prelogin(struct buffer *to, struct str instance);

struct tds_prelogin {
	uint8_t major, minor;
	uint16_t build;
	uint8_t encryption;
	bool has_instance;
	uint8_t instance; /* 0: the asked instance is this one */
};

enum tds_parse { TDS_MORE, TDS_OK, TDS_NOT };
enum tds_parse tds_read_prelogin(const uint8_t *p, size_t n, struct tds_prelogin *ret, size_t *length);

/* The server's half: the instance that a PRELOGIN asks for, and the reply.  Other packets: TDS_OK with *type. */
enum { TDS_PRELOGIN = 0x12, TDS_LOGIN = 0x10 };
enum tds_parse tds_read_request(const uint8_t *p, size_t n, uint8_t *type, struct str *instance, size_t *length);
void tds_put_prelogin_reply(struct buffer *to, uint8_t major, uint16_t build, bool instance);

/* "SQL Server 2019"; NULL for versions without a name here. */
const char *tds_version_name(uint8_t major, uint8_t minor);

/* A question to the browser: one instance, or all when it is empty. */
void ssrp_put_query(struct buffer *to, struct str instance);

/*
 * The next instance of the browser's reply: its name and TCP port, 0 when it has none.  *rest begins as
 * ssrp_text() of the datagram.
 */
struct ssrp_instance {
	struct str server, instance, version;
	uint16_t port;
};
bool ssrp_text(struct str datagram, struct str *ret);
bool ssrp_next(struct str *rest, struct ssrp_instance *ret);
