-- What the old program has: made by its own migrations, years ago.
create schema crm;

create table crm.customers (
  customer_no varchar(36) primary key,
  full_name   varchar(80) not null,
  mail        varchar(120) not null,
  zip         varchar(5),
  street      varchar(200),
  phone       varchar(20),
  points      int not null default 0,
  created_on  date not null default current_date
);

create table crm.letters (
  letter_no   int generated always as identity primary key,
  customer_no varchar(36) not null references crm.customers,
  subject     varchar(200) not null
);

insert into crm.customers (customer_no, full_name, mail, zip, street, phone, points, created_on) values
  ('1001', 'Kim Bora',   'bora@example.kr', '04524', 'Sejong-daero 110', '02-120',  30, '2016-03-01'),
  ('1002', 'Lee Junho',  'junho@example.kr', '47545', 'Jungang-daero 1001', null,   0, '2018-11-20'),
  ('1003', 'Park Minji', 'minji@example.kr', null,    null, '010-0000-0000',      120, '2021-06-15');
