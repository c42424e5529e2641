/* SPDX-License-Identifier: Apache-2.0
 *
 * notify: tells the service manager that the server is ready, or ends. */
#ifndef CERTTRIAGE_NOTIFY_H
#define CERTTRIAGE_NOTIFY_H

/* One datagram to the socket that $NOTIFY_SOCKET names, as sd_notify(3) writes the protocol down under
 * "Notes"; nothing without the variable. A manager that does not listen is not our failure. */
void notify_manager(const char *state);

#endif
