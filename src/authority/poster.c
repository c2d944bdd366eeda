/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The poster: notices as JSON to one address over HTTP, which was resolved when it started.
 *
 * A post has ten seconds, from the connection to the status.  Of the answer only the first line is read.  What TLS trusts is the
 * system's or a file of the configuration, read at the start; the name in the address has to be the server's.
 */
#include "authority/poster.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "authority/walls.h"

enum { ADDRESSES_MAX = 4, POST_SECONDS = 10, STATUS_MAX = 256, HEAD_MAX = 4 << 10 };

struct poster {
	struct arena *arena;
	const struct authority_config *config;
	struct post_url url;
	SSL_CTX *context; /* NULL: plain */
	struct {
		struct sockaddr_storage at;
		socklen_t length;
	} addresses[ADDRESSES_MAX];
	size_t n;
};

/* One post */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool wait_for(int fd, short what, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = what };
	int64_t left = until - now_ms();
	return left > 0 && poll(&p, 1, (int)left) == 1;
}

static int connect_to(const struct poster *poster, size_t i, int64_t until)
{
	const struct sockaddr *at = (const struct sockaddr *)&poster->addresses[i].at;
	int error = 0, fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = sizeof error;
	if (fd < 0)
		return -1;
	bool ok = connect(fd, at, poster->addresses[i].length) == 0 ||
		  (errno == EINPROGRESS && wait_for(fd, POLLOUT, until) &&
		   getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0);
	if (ok)
		return fd;
	close(fd);
	return -1;
}

struct post {
	int fd;
	SSL *ssl;
	int64_t until;
};

/* After a call that moved nothing: true when it is to be tried again. */
static bool again(struct post *post, int ret, bool writing)
{
	int error = post->ssl ? SSL_get_error(post->ssl, ret) : 0;
	if (post->ssl)
		return (error == SSL_ERROR_WANT_READ && wait_for(post->fd, POLLIN, post->until)) ||
		       (error == SSL_ERROR_WANT_WRITE && wait_for(post->fd, POLLOUT, post->until));
	return ret < 0 && (errno == EAGAIN || errno == EINTR) &&
	       wait_for(post->fd, writing ? POLLOUT : POLLIN, post->until);
}

static bool write_all(struct post *post, const char *p, size_t n)
{
	while (n > 0) {
		int wrote = post->ssl ? SSL_write(post->ssl, p, (int)n) : (int)send(post->fd, p, n, MSG_NOSIGNAL);
		if (wrote <= 0 && !again(post, wrote, true))
			return false;
		p += MAX(wrote, 0);
		n -= (size_t)MAX(wrote, 0);
	}
	return true;
}

/* The number in "HTTP/1.1 204 No Content"; 0: there is none. */
static unsigned read_status(struct post *post)
{
	char line[STATUS_MAX];
	uint64_t status = 0;
	size_t n = 0;
	while (n < sizeof line && !memchr(line, '\n', n)) {
		int got = post->ssl ? SSL_read(post->ssl, line + n, (int)(sizeof line - n))
				    : (int)recv(post->fd, line + n, sizeof line - n, 0);
		if (got <= 0 && !again(post, got, false))
			return 0;
		n += (size_t)MAX(got, 0);
	}
	struct str text = { line, n };
	bool ok = str_starts(text, "HTTP/1.") && n > 12 && text.p[8] == ' ' && text.p[12] <= ' ' &&
		  str_to_u64((struct str){ line + 9, 3 }, 599, &status);
	return ok ? (unsigned)status : 0;
}

static bool begin_tls(const struct poster *poster, struct post *post)
{
	const char *host = poster->url.host.p;
	post->ssl = SSL_new(poster->context);
	if (!post->ssl || SSL_set_fd(post->ssl, post->fd) != 1)
		return false;
	X509_VERIFY_PARAM *param = SSL_get0_param(post->ssl);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) != 1 &&
	    (SSL_set1_host(post->ssl, host) != 1 || SSL_set_tlsext_host_name(post->ssl, host) != 1))
		return false;
	for (int ret; (ret = SSL_connect(post->ssl)) != 1;)
		if (!again(post, ret, true))
			return false;
	return true;
}

static enum outlet_result result_of(unsigned status, int64_t until)
{
	if (!status)
		return now_ms() >= until ? OUTLET_LATE : OUTLET_FAILED;
	return status >= 300 && status < 400   ? OUTLET_MOVED
	       : status >= 200 && status < 300 ? OUTLET_WELL
					       : OUTLET_REFUSED;
}

static enum outlet_result post_one(void *ctx, const char *notice, size_t n)
{
	const struct poster *poster = ctx;
	struct post post = { .fd = -1, .until = now_ms() + POST_SECONDS * 1000 };
	char head[HEAD_MAX];
	unsigned status = 0;
	int length = snprintf(head, sizeof head,
			      "POST %.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: portolan\r\nConnection: close\r\n"
			      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
			      STR_ARG(poster->url.path), STR_ARG(poster->url.authority), n);
	if (length < 0 || length >= (int)sizeof head)
		return OUTLET_NOT_STARTED;
	/* one that is silent leaves time for those behind it */
	for (size_t i = 0; i < poster->n && post.fd < 0; i++) {
		int64_t now = now_ms(), part = (post.until - now) / (int64_t)(poster->n - i);
		post.fd = connect_to(poster, i, now + part);
	}
	if (post.fd >= 0 && (!poster->context || begin_tls(poster, &post)) && write_all(&post, head, (size_t)length) &&
	    write_all(&post, notice, n))
		status = read_status(&post);
	enum outlet_result result =
		post.fd < 0 && now_ms() < post.until ? OUTLET_NOT_STARTED : result_of(status, post.until);
	SSL_free(post.ssl);
	if (post.fd >= 0)
		close(post.fd);
	ERR_clear_error();
	return result;
}

/* The start */

static bool resolve(struct poster *poster, const struct courier_start *s, struct diag *d)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	int error = getaddrinfo(poster->url.host.p, poster->url.port.p, &hints, &found);
	if (error)
		return diag_error(d, s->config->notice_url.at, "\"%s\" cannot be resolved: %s", poster->url.host.p,
				  gai_strerror(error));
	for (const struct addrinfo *i = found; i && poster->n < ADDRESSES_MAX; i = i->ai_next) {
		memcpy(&poster->addresses[poster->n].at, i->ai_addr, i->ai_addrlen);
		poster->addresses[poster->n++].length = i->ai_addrlen;
	}
	freeaddrinfo(found);
	return true;
}

static void free_context(void *context)
{
	SSL_CTX_free(context);
}

static bool read_trust(struct arena *a, struct poster *poster, const struct courier_start *s, struct diag *d)
{
	struct str file = s->config->notice_ca.s;
	if (!poster->url.tls)
		return true;
	SSL_CTX *context = poster->context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return diag_error(d, NOWHERE, "TLS for notices cannot begin");
	arena_at_end(a, free_context, context);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	/* one file, read now: a folder would be looked into while nothing can be opened any more */
	const char *path = file.n ? cstr(a, file) : "/etc/ssl/certs/ca-certificates.crt";
	return SSL_CTX_load_verify_file(context, path) == 1 ||
	       diag_error(d, file.n ? s->config->notice_ca.at : s->config->notice_url.at,
			  "\"%s\" holds no certificates to trust", path);
}

static bool confine(void *ctx, struct diag *d)
{
	const struct poster *poster = ctx;
	prctl(PR_SET_NAME, "poster", 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return chdir("/") == 0 && walls_raise_poster(poster->arena, poster->config, d);
}

int poster_start(struct arena *a, const struct courier_start *s, struct diag *d)
{
	struct poster *poster = ARENA_NEW(a, struct poster);
	*poster = (struct poster){ .arena = a, .config = s->config };
	if (post_url_read(a, s->config->notice_url.s, &poster->url) || !resolve(poster, s, d) ||
	    !read_trust(a, poster, s, d))
		return -1;
	return outlet_start(&(struct outlet_work){ "the poster", confine, post_one, poster }, d);
}
