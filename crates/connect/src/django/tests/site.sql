CREATE TABLE auth_user (id bigint PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamp with time zone NULL,
  is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE, email varchar(254) NOT NULL, is_staff bool NOT NULL,
  is_active bool NOT NULL, date_joined timestamp with time zone NOT NULL);
CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL,
  expire_date timestamp with time zone NOT NULL);
CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, created timestamp with time zone NOT NULL,
  user_id bigint NOT NULL UNIQUE REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE forum_post (id bigint PRIMARY KEY, author_id bigint NOT NULL, text text NOT NULL, hidden bool NOT NULL);
CREATE TABLE social_auth_usersocialauth (id bigint PRIMARY KEY, provider varchar(32) NOT NULL, user_id bigint NOT NULL);
CREATE TABLE oauth2_provider_application (id bigint PRIMARY KEY, client_id varchar(100) NOT NULL UNIQUE);
CREATE TABLE oauth2_provider_accesstoken (id bigint PRIMARY KEY, token text NOT NULL, user_id bigint NULL,
  application_id bigint NULL REFERENCES oauth2_provider_application (id), source_refresh_token_id bigint NULL UNIQUE);
CREATE TABLE oauth2_provider_refreshtoken (id bigint PRIMARY KEY, token text NOT NULL, user_id bigint NOT NULL,
  application_id bigint NOT NULL REFERENCES oauth2_provider_application (id), access_token_id bigint NULL UNIQUE
  REFERENCES oauth2_provider_accesstoken (id) DEFERRABLE INITIALLY DEFERRED)
