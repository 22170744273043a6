-- Dovecot serves the users of virtual domains: it asks the service qmail-users who they are and whether a password is right.
-- Needed on Debian: dovecot-auth-lua, lua-socket. The account dovecot may ask; others stand in control/usersaskers.
--
-- Dovecot 2.3 (Debian 12), conf.d/auth-mailtree.conf.ext, in place of what 10-auth.conf includes:
--
--   passdb {
--     driver = lua
--     args = file=/var/qmail/doc/dovecot-mailtree.lua blocking=yes
--   }
--   userdb {
--     driver = lua
--     args = file=/var/qmail/doc/dovecot-mailtree.lua blocking=yes
--   }
--
-- Dovecot 2.4 (Debian 13):
--
--   passdb lua {
--     lua_file = /var/qmail/doc/dovecot-mailtree.lua
--   }
--   userdb lua {
--     lua_file = /var/qmail/doc/dovecot-mailtree.lua
--   }
--
-- and in both the mail in ~/Maildir (mail_location = maildir:~/Maildir, or mail_driver = maildir and mail_path = ~/Maildir),
-- first_valid_uid = the uid of vpopmail, and PLAIN and LOGIN as the only mechanisms.
--
-- A login of who has a host (vmoduser -H) goes there, unless this is that host: with his whole address as name, and his password.
-- For TLS on that way, and for what else a proxy may want, add fields where add_host does.

local unix = require "socket.unix"

local RUN = "/var/qmail/run/"
local PATIENCE = 20                   -- seconds, for all of an answer
local ANSWER_MAX = 8192               -- bytes
local FLAGS_OF_SITE = 0x80000000      -- those of the site count besides, which an account that answers cannot see
local CLOSING = { pop3 = 0x2, webmail = 0x4, imap = 0x8, smtp = 0x800 }
local SERVICES = { imap = "imap", pop3 = "pop3", smtp = "smtp", submission = "smtp" }

-- ---- the wire: a netstring of seven netstrings, see qmail-usersd(8) ----

local function netstring(text)
  return #text .. ":" .. text .. ","
end

-- The text of the netstring at a place, and where the next one begins.
local function read_netstring(said, at)
  local digits, from = said:match("^(%d+):()", at)
  if not digits or #digits > 5 then return nil end
  local behind = from + tonumber(digits)
  if said:sub(behind, behind) ~= "," then return nil end
  return said:sub(from, behind - 1), behind + 1
end

-- Nil: nobody has answered.
local function read_answer(said)
  local inside = said and read_netstring(said, 1)
  local parts, at = {}, 1
  while inside and at <= #inside do
    parts[#parts + 1], at = read_netstring(inside, at)
    if not at then return nil end
  end
  if #parts ~= 7 then return nil end
  return {
    word = parts[1], uid = tonumber(parts[2]), gid = tonumber(parts[3]), flags = tonumber(parts[4]),
    user = parts[5], domain = parts[6], home = parts[7]
  }
end

-- All that is said until the end; nil where that does not come, as another account may babble, or stand still.
local function hear(socket)
  local much, why, said = socket:receive(ANSWER_MAX + 1)
  return not much and why == "closed" and said or nil
end

local function ask_at(place, question)
  local inside = ""
  for i = 1, 7 do inside = inside .. netstring(question[i]) end
  local socket = unix.stream and unix.stream() or unix()
  socket:settimeout(PATIENCE, "t")
  local said = socket:connect(RUN .. place) and socket:send(netstring(inside)) and hear(socket)
  socket:close()
  return read_answer(said)
end

-- ---- domains of other accounts answer for themselves, and for nobody else ----

local function with_flags_of_site(answer, of_site, service)
  if answer.flags & FLAGS_OF_SITE ~= 0 then answer.flags = (answer.flags & ~FLAGS_OF_SITE) | of_site end
  if answer.word == "let in" and answer.flags & CLOSING[service] ~= 0 then answer.word = "denied" end
  return answer
end

local function ask_owner(owner, question, ending)
  question[3] = owner.user .. "@" .. owner.domain
  local answer = ask_at("owners/" .. owner.uid .. ending, question)
  if not answer then return nil end
  local is_named = answer.user == owner.user and answer.domain == owner.domain
  if answer.word == "let in" and not (is_named and answer.uid == owner.uid and answer.gid == owner.gid) then return nil end
  return with_flags_of_site(answer, owner.flags, question[2])
end

local function ask(verb, request, password)
  local service = SERVICES[request.service] or "imap"
  local question = { verb, service, request.user, password, "", request.remote_ip or "", request.local_ip or "" }
  local ending = verb == "password" and ".password" or ""
  local answer = ask_at(verb == "password" and "users/password" or "users/socket", question)
  if answer and answer.word == "elsewhere" then answer = ask_owner(answer, question, ending) end
  return answer
end

-- ---- what Dovecot calls ----

-- False: it cannot be told, or it is no host.
local function add_host(fields, request)
  local answer = ask("host", request, "")
  if not answer or answer.word ~= "let in" or not answer.home:match("^[%w.:-]*$") then return false end
  if answer.home ~= "" then fields.host, fields.proxy_maybe = answer.home, "y" end
  return true
end

function auth_password_verify(request, password)
  local results = {
    ["let in"] = dovecot.auth.PASSDB_RESULT_OK,
    ["wrong"] = dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH,
    ["denied"] = dovecot.auth.PASSDB_RESULT_USER_DISABLED
  }
  local answer = ask("password", request, password)
  local result = answer and results[answer.word]
  if not result then return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, "the service qmail-users cannot tell now" end
  if answer.word ~= "let in" then return result, answer.word end
  local fields = { user = answer.user .. "@" .. answer.domain }
  if not add_host(fields, request) then return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, "nobody can tell now where his mail is" end
  return result, fields
end

-- Dovecot 2.4 has other names for the same.
local function is_24()
  local file = io.open("/etc/dovecot/dovecot.conf")
  local text = file and file:read("a") or ""
  if file then file:close() end
  return text:find("dovecot_config_version", 1, true) ~= nil
end

local NEW_NAMES = is_24()

local function add_quota(fields, quota)
  local bytes, messages = quota:match("^(%d+)S") or "0", quota:match("(%d+)C$") or "0"
  if bytes == "0" and messages == "0" then return end
  if NEW_NAMES then
    if bytes ~= "0" then fields.quota_storage_size = bytes .. "B" end
    if messages ~= "0" then fields.quota_message_count = messages end
  else
    fields.quota_rule = "*:bytes=" .. bytes .. ":messages=" .. messages
  end
end

function auth_userdb_lookup(request)
  local answer = ask("account", request, "")
  if answer and answer.word == "nobody" then return dovecot.auth.USERDB_RESULT_USER_UNKNOWN, "no such user" end
  if not answer or answer.word ~= "let in" then
    return dovecot.auth.USERDB_RESULT_INTERNAL_FAILURE, "the service qmail-users cannot tell now"
  end
  local quota, home = answer.home:match("^([^:]*):(.*)$")
  local fields = { uid = tostring(answer.uid), gid = tostring(answer.gid), home = home, user = answer.user .. "@" .. answer.domain }
  add_quota(fields, quota)
  return dovecot.auth.USERDB_RESULT_OK, fields
end
